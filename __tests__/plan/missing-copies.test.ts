import { afterEach, expect, test } from '@jest/globals';
import { readRules } from '../../src/dockerfile/index.js';
import { type AdviceSources, advice, found } from './advice.js';
import { planned, removeFolders, repository, yaml } from './repository.js';

afterEach(removeFolders);

const files = { 'app/main.go': '', 'app/sub/x': '', 'app/my file': '', 'docs/a.md': '' };
const app = { context: 'app', file: 'app/Dockerfile' };

const missing = async (lines: readonly string[], sources: AdviceSources = {}) =>
  (await advice(['FROM busybox', ...lines], { files, build: app, ...sources })).filter(
    ({ code }) => code === 'source-missing',
  );

const paths = async (...asked: Parameters<typeof missing>) =>
  (await missing(...asked)).map(({ subject }) => subject.path);

test('a COPY of what is not there is an error at its line, with what is near', async () => {
  expect(await missing(['RUN true', 'COPY mian.go /src/'])).toEqual([
    {
      code: 'source-missing',
      severity: 'error',
      subject: { image: 'greeter', path: 'mian.go' },
      message: 'COPY mian.go /src/ needs mian.go, which the build context "app" does not have.',
      location: { file: 'app/Dockerfile', line: 3 },
      remedy: 'There is no "mian.go" in the context "app"; did you mean "main.go"?',
    },
  ]);
});

test('a COPY of what .dockerignore leaves out names the line of the list', async () => {
  const root = { 'a.txt': '', 'keep.txt': '', 'dir/a.txt': '', 'out/x': '' };
  const ignore = '# generated\n*.txt\nout\n!keep.txt\n';
  const lines = ['FROM a', 'COPY a.txt /', 'COPY keep.txt dir/a.txt /', 'COPY out /'];
  expect(await found('source-missing', lines, { files: root, ignore })).toEqual([
    [
      '2 COPY a.txt / needs a.txt, which the build context "." does not have.',
      '.dockerignore:2 (*.txt) leaves a.txt out of the context, where it is: remove that line, or add "!a.txt" below it.',
    ],
    // What an exception keeps of a folder is not looked for.
  ]);
  expect(await found('source-missing', lines, { files: root, ignore: 'out\n' })).toEqual([
    [expect.stringMatching(/^4 COPY out \/ needs out,/), expect.stringMatching(/dockerignore:1/)],
  ]);
});

test.each<[string, readonly string[], readonly string[]]>([
  ['one of several sources', ['COPY main.go go.mod sub /src/'], ['go.mod']],
  ['ADD', ['ADD app.tar.gz /'], ['app.tar.gz']],
  ['JSON', ['COPY ["my file", "no file", "/x/"]'], ['no file']],
  ['flags', ['COPY --link --chown=1:1 --chmod=0755 run.sh /'], ['run.sh']],
  ['lines that go on', ['COPY main.go \\', '  other.go \\', '  /src/'], ['other.go']],
  ['over comments between lines', ['COPY no \\', '# why', '  /x'], ['no']],
  ['from the root', ['COPY /main.go ./sub/x ../main.go /none/ /'], ['none']],
  ['in a file, as if it were a folder', ['COPY main.go/x /'], ['main.go/x']],
  ['of a stage that is needed', ['COPY no /', 'FROM scratch', 'COPY --from=0 / /'], ['no']],
])('what is missing is found: %s', async (_, lines, expected) => {
  expect(await paths(lines)).toEqual(expected);
});

test.each<[string, readonly string[], AdviceSources?]>([
  ['the whole context', ['COPY . .', 'COPY / /x', 'ADD ./ /y']],
  ['a pattern, which may match nothing', ['COPY no* /x/', 'COPY n? /x/', 'COPY [ab] /x/']],
  ['a variable', ['ARG NAME=no', 'COPY $NAME /', `COPY \${NAME}/x /`]],
  ['from a stage or an image', ['COPY --from=0 no /', 'COPY --from=alpine no /']],
  ['here-documents', ['COPY <<EOF /no', 'x', 'EOF', 'COPY <<a <<b no /x/', 'a', 'b']],
  ['remote sources', ['ADD https://a.example/no /', 'ADD git@a.example:b/c.git /x']],
  ['quotes, and signs that are escaped', ['COPY "no" /', 'COPY no\\ way /']],
  ['JSON that is none', ['COPY ["no, "x"]', 'COPY ["no", 1]']],
  ['less than a COPY needs', ['COPY no']],
  ['flags that copy a part', ['COPY --parents no/./a /', 'COPY --exclude=*.md no /']],
  ['what a later stage asks for', ['ONBUILD COPY no /']],
  ['a stage that is not needed', ['COPY no /', 'FROM scratch']],
  [
    'a stage behind the target',
    ['FROM a AS b', 'FROM a', 'COPY no /'],
    { build: { ...app, target: 'b' } },
  ],
])('what only the build knows is not judged: %s', async (_, lines, sources = {}) => {
  expect(await paths(lines, sources)).toEqual([]);
});

test('what is behind a link, and what cannot be looked at, is not judged', async () => {
  const look = async (path: string) => {
    if (path.endsWith('/shut/x')) throw Object.assign(new Error('no'), { code: 'EACCES' });
    return { kind: path.endsWith('/link') ? 'symlink' : 'directory' };
  };
  const { missingCopies } = await import('../../src/plan/missing-copies.js');
  const { plannedImage } = await import('../plans.js');
  const sources = {
    image: plannedImage(),
    text: 'FROM a\nCOPY link/x link shut/x /',
    ignore: { file: '.dockerignore', rules: readRules('link\nshut\n') },
    configuration: undefined,
    places: { args: new Map(), secrets: new Map() },
  };
  const scope = { root: '/work', files: { look } as never };
  expect(await missingCopies(sources as never, scope)).toEqual([]);
});

test('a plan has it for the images that are selected, on whichever platform', async () => {
  const root = await repository({
    'sea-trial.yml': yaml(
      '    platforms: [linux/amd64, linux/arm64]',
      "    build: { context: 'of/{arch}' }",
    ),
    'of/amd64/Dockerfile': 'FROM scratch\nCOPY app /\n',
    'of/amd64/app': '',
    'of/arm64/Dockerfile': 'FROM scratch\nCOPY app /\n',
  });
  const { findings } = await planned(root);
  expect(findings.map(({ code, location }) => [code, location?.file])).toEqual([
    ['source-missing', 'of/arm64/Dockerfile'],
  ]);
  expect((await planned(root, { platforms: ['linux/amd64'] })).findings).toEqual([]);
});

test('what a COPY looks for outside of the context says that it cannot leave it', async () => {
  const one = await found('source-missing', ['FROM a', 'COPY ../other /'], { files: { a: '' } });
  expect(one.map(([, remedy]) => remedy)).toEqual([
    'A COPY cannot leave its context: build with a folder above as the "context", or name the other one under "additional_contexts".',
  ]);
});

test('a file that is like no other gets the advice for all', async () => {
  const one = await found('source-missing', ['FROM a', 'COPY zebra /'], { files: { a: '' } });
  expect(one).toEqual([
    [
      '2 COPY zebra / needs zebra, which the build context "." does not have.',
      'Correct the path, add the file, or keep it in .dockerignore.',
    ],
  ]);
});

const FOR_ARCH = [
  'FROM busybox AS bin-amd64',
  'COPY amd64/app /',
  'FROM busybox AS bin-arm64',
  'COPY arm64/app /',
  `FROM bin-\${TARGETARCH:-amd64}`,
];

const chosen = async (lines: readonly string[], platforms: readonly string[], of: string) => {
  const found = await advice(lines, { platforms, files: { [of]: '' } });
  return found.map(({ code, subject }) => [code, subject.path, subject.platform]);
};

test('a stage that the platform chooses is judged for its platform alone', async () => {
  const both = ['linux/amd64', 'linux/arm64'];
  expect(await chosen(FOR_ARCH, ['linux/arm64'], 'arm64/app')).toEqual([]);
  expect(await chosen(FOR_ARCH, ['linux/arm64'], 'amd64/app')).toEqual([
    ['source-missing', 'arm64/app', undefined],
  ]);
  expect(await chosen(FOR_ARCH, both, 'arm64/app')).toEqual([
    ['source-missing', 'amd64/app', 'linux/amd64'],
  ]);
  expect(await chosen(FOR_ARCH, both, 'other')).toEqual([
    ['source-missing', 'amd64/app', 'linux/amd64'],
    ['source-missing', 'arm64/app', 'linux/arm64'],
  ]);
  const inArgument = [
    `ARG BIN=bin-\${TARGETARCH:-amd64}`,
    ...FOR_ARCH.slice(0, -1),
    `FROM \${BIN}`,
  ];
  expect(await chosen(inArgument, ['linux/arm64'], 'arm64/app')).toEqual([]);
  const variant = ['FROM a AS std', 'COPY amd64/app /', 'FROM a AS std-v7', 'COPY arm64/app /'];
  const from = `FROM std\${TARGETVARIANT:+-$TARGETVARIANT}`;
  expect(await chosen([...variant, from], ['linux/arm/v7'], 'arm64/app')).toEqual([]);
});

test('a stage that the build machine chooses is not judged', async () => {
  const lines = [...FOR_ARCH.slice(0, -1), `FROM bin-\${BUILDARCH:-amd64}`];
  expect(await chosen(lines, ['linux/amd64'], 'other')).toEqual([]);
});

test.each<[string, readonly string[], Readonly<Record<string, string>>]>([
  ['the end of flags', ['COPY -- a /', 'COPY --link -- --b /'], { a: '', '--b': '' }],
  ['quotes in JSON', [`COPY ["'a'", "/"]`, 'COPY ["a\\"b", "/"]'], { a: '', ab: '' }],
  ['no-break spaces in a name', ['COPY a\u00a0b a\u2003b /'], { 'a\u00a0b': '', 'a\u2003b': '' }],
])('a COPY is read as BuildKit does: %s', async (_, lines, own) => {
  expect(await paths(lines, { files: own, build: { context: '.' } })).toEqual([]);
});

test('a COPY is read with the escape sign of its Dockerfile', async () => {
  const lines = ['# escape=`', 'FROM busybox', 'COPY a`b /', 'COPY ["a`b", "/"]'];
  const own = { files: { ab: '' }, build: { context: '.' } };
  expect(await found('source-missing', lines, own)).toEqual([]);
  const longer = [...lines.slice(0, 2), 'COPY ab `', '# why', '  no /'];
  expect((await found('source-missing', longer, own)).map(([message]) => message)).toEqual([
    '3 COPY ab no / needs no, which the build context "." does not have.',
  ]);
});

test('the end of flags is none of the names of a COPY', async () => {
  expect(await paths(['COPY -- no /'], { files: { a: '' }, build: { context: '.' } })).toEqual([
    'no',
  ]);
});
