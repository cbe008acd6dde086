export type Challenge =
  | { readonly scheme: 'basic' }
  | {
      readonly scheme: 'bearer';
      readonly realm: string;
      readonly service: string | undefined;
      readonly scope: string | undefined;
    };

const LONGEST = 16 * 1024;
// A scheme not followed by `=`, or `key=value` with a token or a quoted string (RFC 9110, 11.6.1).
const PART = /\s*,?\s*(?:([\w-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^\s,"]+))|([\w-]+)(?=\s|,|$))/y;

interface ParsedChallenge {
  readonly scheme: string;
  readonly parameters: Map<string, string>;
}

function challengesIn(header: string): readonly ParsedChallenge[] {
  const found: ParsedChallenge[] = [];
  const part = new RegExp(PART);
  const text = header.slice(0, LONGEST);
  for (let match = part.exec(text); match !== null; match = part.exec(text)) {
    const [, key, quoted, token, scheme] = match;
    if (scheme !== undefined) found.push({ scheme: scheme.toLowerCase(), parameters: new Map() });
    else if (key !== undefined) {
      const value = quoted?.replace(/\\(.)/g, '$1') ?? token ?? '';
      found.at(-1)?.parameters.set(key.toLowerCase(), value);
    }
  }
  return found;
}

/**
 * The challenge to answer in a `WWW-Authenticate` header: a usable Bearer
 * before Basic; undefined where there is neither.
 */
export function parseChallenge(header: string | undefined): Challenge | undefined {
  const found = challengesIn(header ?? '');
  const bearer = found.find((one) => one.scheme === 'bearer')?.parameters;
  const realm = bearer?.get('realm');
  if (bearer !== undefined && realm !== undefined) {
    return { scheme: 'bearer', realm, service: bearer.get('service'), scope: bearer.get('scope') };
  }
  return found.some((one) => one.scheme === 'basic') ? { scheme: 'basic' } : undefined;
}
