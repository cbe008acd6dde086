const ADDRESS = /^([a-z][a-z\d+.-]*:\/\/)?(.*@(?!sha\d+:))?/is;

/** Of a name that is written as an address: how it may be shown, and what to leave out of it. */
export function addressParts(text: string): {
  /** Without user and password. */
  readonly shown: string;
  readonly extra: string | undefined;
} {
  const [all = '', scheme = '', login] = ADDRESS.exec(text) ?? [];
  const extra = [
    ...(scheme === '' ? [] : [scheme]),
    ...(login === undefined ? [] : ['the user and password']),
  ];
  return {
    shown: login === undefined ? text : `${scheme}…@${text.slice(all.length)}`,
    extra: extra.length === 0 ? undefined : extra.join(' and '),
  };
}
