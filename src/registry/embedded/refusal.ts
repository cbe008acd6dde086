import { defined } from '../../types/index.js';

/** Error codes of the distribution-spec ("Error Codes") that this server gives. */
type RefusalCode =
  | 'BLOB_UNKNOWN'
  | 'BLOB_UPLOAD_INVALID'
  | 'BLOB_UPLOAD_UNKNOWN'
  | 'DIGEST_INVALID'
  | 'MANIFEST_BLOB_UNKNOWN'
  | 'MANIFEST_INVALID'
  | 'MANIFEST_UNKNOWN'
  | 'NAME_INVALID'
  | 'NAME_UNKNOWN'
  | 'SIZE_INVALID'
  | 'UNSUPPORTED';

interface RefusalExtras {
  readonly headers?: Readonly<Record<string, string>>;
  readonly detail?: unknown;
}

/** An answer of 4xx, thrown by handlers. */
export class RequestRefusal extends Error {
  readonly headers: Readonly<Record<string, string>>;
  readonly detail: unknown;

  constructor(
    readonly status: number,
    readonly code: RefusalCode,
    message: string,
    { headers = {}, detail }: RefusalExtras = {},
  ) {
    super(message);
    this.name = 'RequestRefusal';
    this.headers = headers;
    this.detail = detail;
  }

  get body(): string {
    const { code, message, detail } = this;
    return JSON.stringify({
      errors: [{ code, message, ...defined({ detail }) }],
    });
  }
}
