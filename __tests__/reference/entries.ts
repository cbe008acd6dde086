/*
 * Cache entries as files and inputs may hold them, and what buildx reads in each
 * (`docker buildx bake --print`; integration/entries.test.ts asks it again).
 */

type Said = Readonly<Record<string, string>>;

/** What is read, by us as by buildx. */
export const READ: readonly (readonly [string, readonly Said[]])[] = [
  ['type=gha', [{ type: 'gha' }]],
  ['TYPE=gha,Scope=X', [{ type: 'gha', scope: 'X' }]],
  ['type=GHA', [{ type: 'GHA' }]],
  ['type=gha,scope=a b', [{ type: 'gha', scope: 'a b' }]],
  ['type=gha,scope=é', [{ type: 'gha', scope: 'é' }]],
  ['type=gha,scope=', [{ type: 'gha', scope: '' }]],
  ['type=gha,scope=a=b', [{ type: 'gha', scope: 'a=b' }]],
  ['"type=gha"', [{ type: 'gha' }]],
  ['"type=gha","scope=a,b"', [{ type: 'gha', scope: 'a,b' }]],
  ['type=gha,"scope=say ""x"""', [{ type: 'gha', scope: 'say "x"' }]],
  ['"type=local",src=/x', [{ type: 'local', src: '/x' }]],
  ['"type=local,src=/x"', [{ type: 'local,src=/x' }]],
  ['type=gha;scope=x', [{ type: 'gha;scope=x' }]],
  ['type=s3,name=a;b', [{ type: 's3', name: 'a;b' }]],
  ['"ref=HOST/victim:latest",type=registry', [{ ref: 'HOST/victim:latest', type: 'registry' }]],
  ['type=gha,__proto__=x', [{ type: 'gha', ['__proto__']: 'x' }]],
  ['user/app:cache', [{ type: 'registry', ref: 'user/app:cache' }]],
  ['"a/b:1"', [{ type: 'registry', ref: 'a/b:1' }]],
  [
    'a/b:1,c/d:2',
    [
      { type: 'registry', ref: 'a/b:1' },
      { type: 'registry', ref: 'c/d:2' },
    ],
  ],
  ['type=gha\n', [{ type: 'gha' }]],
  ['type=gha\r\n', [{ type: 'gha' }]],
];

const QUOTES =
  'its quotes are not valid CSV: quotes go around a whole NAME=VALUE, and a quote inside is written twice';
const TWICE = (name: string) => `it names "${name}" twice; keep one of them`;
const BREAK = 'it holds a line break';
const NAME = (name: string) =>
  `${JSON.stringify(name)} is not an attribute's name: only ASCII letters and signs without spaces are allowed`;
const REFERENCE = 'a reference in it is empty, or holds spaces, quotes or a comma';

/** What buildx reads, and we refuse: of two names one wins, or the text is not what it seems. */
export const REFUSED: readonly (readonly [string, string])[] = [
  ['type=gha,"ref=HOST/victim:latest",image-manifest=true,type=registry', TWICE('type')],
  ['type=gha,type=local,dest=/any/path', TWICE('type')],
  ['"type=gha","TYPE=registry",ref=a/b', TWICE('type')],
  ['type=registry,ref=a/b,REF=c/d', TWICE('ref')],
  ['type=gha,type=gha', TWICE('type')],
  ['type=gha, scope=x', NAME(' scope')],
  ['type=gha,\ttype=registry', NAME('\ttype')],
  ['type=gha,scope =x', NAME('scope ')],
  ['type=gha,to\u212aen=x', NAME('to\u212aen')],
  ['type=gha,reg\u0130on=x', NAME('reg\u0130on')],
  ['=x,type=gha', NAME('')],
  ['type=gha,=x', NAME('')],
  ['type=gha\n,type=registry', BREAK],
  ['type=gha\nscope=x', BREAK],
  ['type=gha,"scope=a\nb"', BREAK],
  ['type=gha,"scope=a\r\ntype=local"', BREAK],
  ['"""a/b"""', REFERENCE],
];

/** What buildx refuses too. */
export const WRONG: readonly (readonly [string, string])[] = [
  ['type=gha,scope="x"', QUOTES],
  ['type="gha"', QUOTES],
  ['type=gha,"scope=x', QUOTES],
  ['type=gha,"scope=x"y', QUOTES],
  ['"type=gha" ,scope=x', QUOTES],
  ['type=gha,', 'its part 2 is not NAME=VALUE'],
  ['type=gha,,scope=x', 'its part 2 is not NAME=VALUE'],
  [',type=gha', 'its part 1 is not NAME=VALUE'],
  ['a/b,type=gha', 'its part 1 is not NAME=VALUE'],
  ['type=gha,scope', 'its part 2 is not NAME=VALUE'],
  ['scope=x', 'it has no type, such as type=gha'],
  ['type=', 'it has no type, such as type=gha'],
  ["'type=gha'", 'it has no type, such as type=gha'],
  ['a/b,', REFERENCE],
  ['"a/b,c/d"', REFERENCE],
  ['', 'it is empty'],
  [' \n', 'it is empty'],
];
