import { isUtf8 } from 'node:buffer';

/** What is well-formed beyond ASCII (RFC 3629), or one byte that is not. */
const SEQUENCE =
  /[\xc2-\xdf][\x80-\xbf]|\xe0[\xa0-\xbf][\x80-\xbf]|[\xe1-\xec\xee\xef][\x80-\xbf]{2}|\xed[\x80-\x9f][\x80-\xbf]|\xf0[\x90-\xbf][\x80-\xbf]{2}|[\xf1-\xf3][\x80-\xbf]{3}|\xf4[\x80-\x8f][\x80-\xbf]{2}|([\x80-\xff])/g;

/**
 * Names are bytes to a kernel. What is no UTF-8 in them becomes a lone
 * surrogate, U+DC80 to U+DCFF, so that different names stay different.
 */
export function decodeName(bytes: Buffer): string {
  const text = bytes.toString('utf8');
  if (!text.includes('\ufffd') || isUtf8(bytes)) return text;
  return bytes
    .toString('latin1')
    .replace(SEQUENCE, (sequence, other: string | undefined) =>
      other === undefined
        ? Buffer.from(sequence, 'latin1').toString('utf8')
        : String.fromCharCode(0xdc00 + other.charCodeAt(0)),
    );
}

/** The bytes of a field up to its first NUL, or all of them. */
export function cString(bytes: Buffer, from = 0, length = bytes.length): string {
  const nul = bytes.indexOf(0, from);
  const end = nul === -1 ? from + length : Math.min(nul, from + length);
  const text = bytes.toString('utf8', from, end);
  return text.includes('\ufffd') ? decodeName(bytes.subarray(from, end)) : text;
}
