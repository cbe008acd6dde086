/** `sha256:` and 64, or `sha512:` and 128 lower-case hex digits (OCI image-spec, descriptor.md). */
export const DIGEST = /^sha(256:[0-9a-f]{64}|512:[0-9a-f]{128})$/;

/** Whether a text is a whole digest of an algorithm that can be checked. */
export function isDigest(text: string | undefined): text is string {
  return text !== undefined && DIGEST.test(text);
}
