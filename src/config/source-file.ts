import { isUtf8 } from 'node:buffer';
import { isAbsolute, join } from 'node:path';
import { entry, fromRoot, LIMITS, readDocument, type SourceNode } from '../document/index.js';
import { isEmptyCheckout, NOT_CHECKED_OUT, type Problem } from '../evidence/index.js';
import { NOT_A_FILE, type Ports, pathEscape } from '../ports/index.js';
import { defined } from '../types/index.js';
import { nearFile } from './near-files.js';
import { UNTAGGED } from './request/inline.js';
import type { Request } from './request/request.js';

const NAMES = ['sea-trial.yml', 'sea-trial.yaml'];

/** A configuration file, as far as it could be read. */
export interface SourceFile {
  /** Relative to the root. */
  readonly file: string;
  /** Why it says nothing, where it could be read. */
  readonly blank?: string;
  readonly root?: SourceNode;
  readonly problems: readonly Problem[];
}

/** A file that says enough for a run. */
const SMALLEST = [
  'images:',
  '  - name: ghcr.io/acme/greeter',
  '    build: .',
  '    tests: [greeter --version]',
];

function unreadable(code: string, name: string): string {
  if (code === 'ENOENT') return `there is no file "${name}"`;
  if (code === 'EFBIG') return `the file is larger than ${LIMITS.bytes} bytes`;
  if (code === 'EISDIR') return `"${name}" is a folder; name the file in it`;
  if (code === 'EFTYPE') return `"${name}" ${NOT_A_FILE}`;
  return `"${name}" cannot be read: ${code}`;
}

/** The configuration file that was named, or the first of the default names that is there. */
export async function readSource(
  request: Request,
  { files }: Pick<Ports, 'files'>,
): Promise<SourceFile | undefined> {
  const asked = request.configuration;
  for (const name of asked === undefined ? NAMES : [asked]) {
    const path = isAbsolute(name) ? name : join(request.root, name);
    const file = fromRoot(request.root, '.', path);
    // What it says may be quoted, and the author of an untrusted one says what it is.
    const { root, trust } = request;
    const isLink = async () =>
      (await pathEscape(path, { root, workspace: root, files })) === 'link' ||
      (await files.look(path))?.kind === 'symlink';
    if (trust.untrusted && (await isLink())) {
      const message = `"${name}" goes through a symbolic link, which is not allowed for the configuration of an untrusted run`;
      return { file, problems: [{ file, message }] };
    }
    try {
      const bytes = await files.read(path, LIMITS.bytes);
      if (!isUtf8(bytes)) return { file, problems: [{ file, message: 'the file is not UTF-8' }] };
      const source = bytes.toString('utf8');
      const { root, problems } = readDocument(source, file);
      const blank = source.trim() === '' ? 'the file is empty' : 'the file has only comments';
      return { file, problems, blank, ...defined({ root }) };
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === undefined) throw error;
      if (code === 'ENOENT' && asked === undefined) continue;
      const message = unreadable(code, name);
      // The way to a folder above says less than what was written.
      const isAbove = code === 'EISDIR' && file.startsWith('..');
      return { file, problems: [isAbove ? { message } : { file, message }] };
    }
  }
  return undefined;
}

async function isNotCheckedOut({ root, from }: Request, { files }: Pick<Ports, 'files'>) {
  return from === 'inputs' && isEmptyCheckout(await files.list(root).catch(() => ['unreadable']));
}

/** A sentence, and a file that says enough below it. */
function withSmallest(sentence: string): string {
  return [`${sentence}:`, '', ...SMALLEST].join('\n');
}

/** Why there is no image at all, and what to write. */
export async function withoutImage(
  request: Request,
  source: SourceFile | undefined,
  ports: Pick<Ports, 'files'>,
): Promise<Problem> {
  if (source !== undefined) {
    const { root, file, blank } = source;
    const images = entry(root, 'images');
    if (images !== undefined) {
      return { ...images.at, message: withSmallest('"images" is empty; write what is built') };
    }
    const why = root === undefined ? blank : 'the file has no "images"';
    return { file, message: withSmallest(`${why}; write what is built`) };
  }
  const nowhere = `there is no sea-trial.yml in ${request.root}`;
  if (await isNotCheckedOut(request, ports)) {
    return { message: `${nowhere}, which ${NOT_CHECKED_OUT}` };
  }
  const near = await nearFile(request.root, NAMES, ports, request.trust.untrusted);
  const missing = `${nowhere}${near}`;
  return request.from === 'inputs'
    ? {
        message: `${missing}, and ${request.push ? `the input "tags" ${UNTAGGED}` : 'no input "tags" describes an image'}`,
      }
    : { message: withSmallest(`${missing}; name another file with --config FILE, or write one`) };
}
