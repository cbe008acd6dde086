import { describe, expect, test } from '@jest/globals';
import type { Inspected } from '../../src/checks/index.js';
import { interpreterMissing } from '../../src/checks/interpreter-missing.js';
import { layerUnread } from '../../src/checks/layer-unread.js';
import { noProgram } from '../../src/checks/no-program.js';
import { programMissing } from '../../src/checks/program-missing.js';
import type { ImageConfig } from '../../src/oci/index.js';
import { elf, type File, inspected, layer } from './inspected.js';

describe('program-missing', () => {
  test.each<[string, readonly File[], Partial<ImageConfig>, readonly string[]]>([
    ['nothing is wrong', [{ path: 'app' }], {}, []],
    ['a symlink leads to it', [{ path: 'app', link: 'real' }, { path: 'real' }], {}, []],
    [
      'the path is not there',
      [],
      {},
      ['/app, which ENTRYPOINT names, is not in any layer of the image.'],
    ],
    [
      'the name is in no directory',
      [{ path: 'opt/tool' }],
      { entrypoint: [], command: ['tool'] },
      ['tool, which CMD names, is not in any directory of its PATH.'],
    ],
    [
      'a symlink leads nowhere',
      [{ path: 'app', link: 'real' }],
      {},
      ['/app, which ENTRYPOINT names, is a link to real, which is not in the image.'],
    ],
    [
      'a symlink leads to one that leads nowhere',
      [
        { path: 'app', link: '/other' },
        { path: 'other', link: '/nowhere' },
      ],
      {},
      ['/app, which ENTRYPOINT names, is a link to /nowhere, which is not in the image.'],
    ],
    [
      'a symlink on PATH leads nowhere',
      [{ path: 'bin/tool', link: '/nowhere' }],
      { entrypoint: [], command: ['tool'] },
      ['tool, which CMD names, is a link to /nowhere, which is not in the image.'],
    ],
    [
      'a symlink leads to itself',
      [{ path: 'app', link: 'app' }],
      {},
      ['/app, which ENTRYPOINT names, is not in any layer of the image.'],
    ],
    [
      'a directory on the way is a link that leads nowhere',
      [{ path: 'opt', link: '/nowhere' }],
      { entrypoint: ['/opt/app'] },
      ['/opt/app, which ENTRYPOINT names, is not in any layer of the image.'],
    ],
    [
      'a name is near in its directory',
      [{ path: 'srv/greeter' }, { path: 'srv/gretter.d', kind: 'directory' }],
      { entrypoint: ['/srv/gretter'] },
      [
        '/srv/gretter, which ENTRYPOINT names, is not in any layer of the image; did you mean /srv/greeter?',
      ],
    ],
    [
      'a name is near on PATH',
      [{ path: 'bin/greeter' }, { path: 'bin/gretter', mode: 0o644 }],
      { entrypoint: ['gretter'] },
      [
        'gretter, which ENTRYPOINT names, is not in any directory of its PATH; did you mean greeter?',
      ],
    ],
    [
      'it is in another directory',
      [{ path: 'usr/bin/greeter' }],
      { entrypoint: ['/bin/greeter'] },
      [
        '/bin/greeter, which ENTRYPOINT names, is not in any layer of the image; did you mean /usr/bin/greeter?',
      ],
    ],
    [
      'it is in the working directory, which is not on PATH',
      [{ path: 'srv/app' }],
      { entrypoint: ['app'], workdir: '/srv' },
      ['app, which ENTRYPOINT names, is not in any directory of its PATH; did you mean ./app?'],
    ],
    [
      'a path of the working directory is near',
      [{ path: 'srv/serve' }],
      { entrypoint: ['./server'], workdir: '/srv' },
      ['./server, which ENTRYPOINT names, is not in any layer of the image; did you mean ./serve?'],
    ],
    [
      'the name is too short to be near to anything',
      [{ path: 'bin/su' }],
      { entrypoint: ['sh'] },
      ['sh, which ENTRYPOINT names, is not in any directory of its PATH.'],
    ],
    [
      'it is a directory',
      [{ path: 'app', kind: 'directory' }],
      {},
      ['/app, which ENTRYPOINT names, is a directory.'],
    ],
    [
      'it may not be executed',
      [{ path: 'app', mode: 0o644 }],
      {},
      ['/app, which ENTRYPOINT names, is not executable.'],
    ],
    ['an argument is no program', [{ path: 'app' }], { command: ['serve'] }, []],
    ['there is no program', [], { entrypoint: [] }, []],
    ['one may execute it', [{ path: 'app', mode: 0o010 }], {}, []],
    [
      'its interpreter alone is not there',
      [{ path: 'app', program: { magic: 'script', script: '/bin/x' } }],
      {},
      [],
    ],
  ])('%s', (_, files, config, messages) => {
    const findings = programMissing(inspected([layer(files)], config));
    expect(findings.map(({ message }) => message)).toEqual(messages);
  });

  test.each([
    ['COPY app /app', 'use COPY --chmod=0755 in this step'],
    ['ADD app /app', 'use ADD --chmod=0755 in this step'],
    [
      'RUN echo > /app',
      'Copy it with COPY --chmod=0755, or set the bit in the step that makes it.',
    ],
  ])('a mode that lets nobody execute it is told at its step: %s', (line, remedy) => {
    const comment = 'buildkit.dockerfile.v0';
    const history = [
      { createdBy: 'ADD rootfs /', emptyLayer: false },
      { createdBy: line, emptyLayer: false, comment },
      { createdBy: 'ENTRYPOINT ["/app"]', emptyLayer: true, comment },
    ];
    const text = `FROM busybox\n${line}\nENTRYPOINT ["/app"]\n`;
    const layers = [layer([]), layer([{ path: 'app', mode: 0o644 }])];
    const subject = inspected(layers, { history }, { dockerfile: { file: 'Dockerfile', text } });
    expect(programMissing(subject)).toEqual([
      {
        code: 'program-not-executable',
        severity: 'error',
        subject: { image: 'greeter', platform: 'linux/arm64', path: '/app' },
        message: '/app, which ENTRYPOINT names, is not executable.',
        found: { value: 'mode 0644', from: `layer 2 of 2, ${line}` },
        expected: { value: 'mode 0755', from: 'ENTRYPOINT' },
        location: { file: 'Dockerfile', line: 2 },
        remedy,
      },
    ]);
  });

  test.each<[string, string | undefined, Partial<File>, readonly string[]]>([
    ['of another user', '1000', {}, ["mode 0700 of user 0; the image's USER is 1000"]],
    [
      'of another user, whatever the group',
      '1000:0',
      {},
      ["mode 0700 of user 0; the image's USER is 1000"],
    ],
    ['of one that is not root', '7', { uid: 8 }, ["mode 0700 of user 8; the image's USER is 7"]],
    ['of the user itself', '1000', { uid: 1000 }, []],
    ['and root starts it', '0', { uid: 8 }, []],
    ['and nobody is named', undefined, { uid: 8 }, []],
    ['and the name of a user is not a number', 'app', {}, []],
    ['and that is not all of the name', '1000x', {}, []],
    ['and the group has the bit', '1000', { mode: 0o710 }, []],
    ['and the others have it', '1000', { mode: 0o701 }, []],
  ])('a file that its owner alone may execute: %s', (_, user, file, clauses) => {
    const layers = [layer([{ path: 'app', mode: 0o700, ...file }])];
    const findings = programMissing(inspected(layers, user === undefined ? {} : { user }));
    expect(findings.map(({ message }) => message)).toEqual(
      clauses.map((clause) => `/app, which ENTRYPOINT names, is not executable: ${clause}.`),
    );
  });

  test('an argument that its owner alone may execute is not judged', () => {
    const program = { magic: 'script', script: '/bin/x' } as const;
    const layers = [layer([{ path: 'app' }, { path: 'other', mode: 0o700, program }])];
    expect(programMissing(inspected(layers, { user: '1', command: ['/other'] }))).toEqual([]);
  });

  test('names both sides', () => {
    const missing = (layers: Parameters<typeof inspected>[0], config?: Partial<ImageConfig>) =>
      programMissing(inspected(layers, config));
    const finding = {
      code: 'program-missing',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64', path: '/app' },
      remedy: 'Copy the program into the last stage, or fix ENTRYPOINT or CMD.',
    };
    expect(missing([layer([])])).toStrictEqual([
      {
        ...finding,
        message: '/app, which ENTRYPOINT names, is not in any layer of the image.',
        found: { value: 'nothing', from: '1 layer' },
        expected: { value: 'an executable /app', from: 'the entrypoint' },
      },
    ]);
    const folder = layer([{ path: 'app', kind: 'directory' }]);
    expect(missing([folder, layer([])], { entrypoint: [], command: ['/app'] })).toStrictEqual([
      {
        ...finding,
        message: '/app, which CMD names, is a directory.',
        found: { value: 'directory', from: '2 layers' },
        expected: { value: 'an executable /app', from: 'the command' },
      },
    ]);
  });
});

describe('interpreter-missing', () => {
  const script: File = { path: 'app', program: { magic: 'script', script: '/bin/bash -e' } };
  const dynamic: File = { path: 'app', program: elf('arm64', { interpreter: '/lib/ld.so.1' }) };
  test.each<[string, readonly File[], readonly string[]]>([
    ['a static program', [{ path: 'app', program: elf('arm64') }], []],
    ['a script whose shell is there', [script, { path: 'bin/bash' }], []],
    ['a script without its shell', [script], ['/app needs /bin/bash, which is not in the image.']],
    [
      'a script whose shell is a link that leads nowhere',
      [script, { path: 'bin/bash', link: '/nowhere' }],
      ['/app needs /bin/bash, a link to /nowhere, which is not in the image.'],
    ],
    [
      'a script whose interpreter is in another directory',
      [script, { path: 'usr/local/bin/bash' }, { path: 'bin/dash' }],
      ['/app needs /bin/bash, which is not in the image; did you mean /usr/local/bin/bash?'],
    ],
    [
      'a script whose interpreter has a version',
      [
        { path: 'app', program: { magic: 'script', script: '/usr/bin/python' } },
        { path: 'usr/bin/python3.11' },
        { path: 'usr/bin/python3' },
        { path: 'usr/bin/python-config' },
      ],
      ['/app needs /usr/bin/python, which is not in the image; did you mean /usr/bin/python3?'],
    ],
    [
      'a script whose interpreter is near to another, which is none of it',
      [script, { path: 'bin/dash' }],
      ['/app needs /bin/bash, which is not in the image.'],
    ],
    [
      'a script with the line ends of Windows',
      [{ path: 'app', program: { magic: 'script', script: '/bin/bash\r' } }, { path: 'bin/bash' }],
      [
        '/app needs /bin/bash\\r, which is not in the image: its lines end with CR LF, as on Windows.',
      ],
    ],
    [
      'a script with the line ends of Windows, by way of env',
      [
        { path: 'app', program: { magic: 'script', script: '/usr/bin/env bash\r' } },
        { path: 'bin/bash' },
        { path: 'usr/bin/env' },
      ],
      ['/app needs bash\\r, which is not in the image: its lines end with CR LF, as on Windows.'],
    ],
    ['a dynamic program', [dynamic], ['/app needs /lib/ld.so.1, which is not in the image.']],
    [
      'behind a link and a script',
      [
        script,
        { path: 'bin', link: 'usr/bin' },
        { path: 'usr/bin/bash', program: elf('arm64', { interpreter: '/lib/ld' }) },
      ],
      ['/usr/bin/bash needs /lib/ld, which is not in the image.'],
    ],
    [
      'a directory in its place',
      [dynamic, { path: 'lib/ld.so.1', kind: 'directory' }],
      ['/app needs /lib/ld.so.1, which is not in the image.'],
    ],
  ])('%s', (_, files, messages) => {
    const findings = interpreterMissing(inspected([layer(files)]));
    expect(findings.map(({ message }) => message)).toEqual(messages);
    for (const { code, subject } of findings)
      expect([code, subject.image]).toEqual(['interpreter-missing', 'greeter']);
  });
});

describe('what to do about an interpreter that is missing', () => {
  const remedyOf = (file: File, more: Partial<Inspected> = {}) =>
    interpreterMissing({ ...inspected([layer([file])]), ...more }).map(({ remedy }) => remedy);
  const script = (line: string): File => ({
    path: 'app',
    program: { magic: 'script', script: line },
  });

  test.each([
    ['/bin/bash -e', '/bin/bash'],
    ['/opt/env python3', '/opt/env'],
  ])('of a script is to install it, or to name another one: %s', (line, interpreter) => {
    const found = remedyOf(script(line));
    expect(found[0]).toBe(
      `Install ${interpreter} in the image, or change the first line of /app (#!) to an interpreter that the image has.`,
    );
  });

  test('of a script with the line ends of Windows is to write it with others', () => {
    expect(remedyOf(script('/bin/sh\r'))).toEqual([
      `Write /app with LF alone at the ends of its lines: add "* text=auto eol=lf" to .gitattributes and check it out again, or convert it in the Dockerfile: RUN sed -i 's/\\r$//' /app.`,
    ]);
    expect(remedyOf(script('/bin/sh\r'), { fromBuildpacks: true })).toEqual([
      'Write /app with LF alone at the ends of its lines: add "* text=auto eol=lf" to .gitattributes and check it out again.',
    ]);
  });

  test('of another program is to link it statically', () => {
    const program = elf('arm64', { interpreter: '/lib/ld.so.1' });
    expect(remedyOf({ path: 'app', program })).toEqual([
      'Link the program statically (CGO_ENABLED=0), or use a base image that has its loader.',
    ]);
  });

  test('of an image from buildpacks is another run image', () => {
    expect(remedyOf(script('/bin/bash'), { fromBuildpacks: true })).toEqual([
      expect.stringMatching(/^Use a run image/),
    ]);
  });
});

test('what is missing is not told of layers that could not be read', () => {
  const half = layer(
    [{ path: 'app', program: { magic: 'script', script: '/bin/sh' } }],
    ['cut off'],
  );
  expect(programMissing(inspected([layer([], ['cut off'])]))).toEqual([]);
  expect(interpreterMissing(inspected([half]))).toEqual([]);
});

test('layer-unread is an error of each layer that is not looked into to its end', () => {
  const good = layer([]);
  const bad = layer([], ['the gzip stream is damaged: x']);
  expect(layerUnread(inspected([good, layer([], ['a', 'b']), bad]))).toMatchObject([
    {
      severity: 'error',
      message: 'Layer 2 of 3 could not be read.',
      detail: ['a', 'b', 'made by COPY --from=build /out/app /usr/local/bin/app'],
    },
    {
      severity: 'error',
      message: 'Layer 3 of 3 could not be read.',
      detail: ['the gzip stream is damaged: x', 'made by RUN x'],
    },
  ]);
});

test('layer-unread says what is known of a layer, of a long instruction the beginning', () => {
  const bad = layer([], ['cut off']);
  const finding = {
    code: 'layer-unread',
    severity: 'error',
    subject: { image: 'greeter', platform: 'linux/arm64' },
    message: 'Layer 1 of 1 could not be read.',
    remedy: 'Look at the instruction that made the layer, and build without the cache.',
  };
  const of = (history: ImageConfig['history']) => layerUnread(inspected([bad], { history }));
  expect(of([])).toStrictEqual([{ ...finding, detail: ['cut off'] }]);
  expect(of([{ createdBy: 'x'.repeat(300), emptyLayer: false }])).toStrictEqual([
    { ...finding, detail: ['cut off', `made by ${'x'.repeat(200)}`] },
  ]);
});

test('interpreter-missing names both sides, and who asks', () => {
  const files: readonly File[] = [
    { path: 'app', program: { magic: 'script', script: '/bin/bash' } },
    { path: 'bin/bash', program: elf('arm64', { interpreter: '/lib/ld' }) },
  ];
  expect(interpreterMissing(inspected([layer(files)]))).toStrictEqual([
    {
      code: 'interpreter-missing',
      severity: 'error',
      subject: { image: 'greeter', platform: 'linux/arm64', path: '/bin/bash' },
      message: '/bin/bash needs /lib/ld, which is not in the image.',
      found: { value: 'nothing', from: '1 layer' },
      expected: { value: '/lib/ld', from: '/bin/bash, layer 1 of 1, COPY base /' },
      remedy:
        'Link the program statically (CGO_ENABLED=0), or use a base image that has its loader.',
    },
  ]);
});

test('what is missing is told at the line that asks for it', () => {
  const comment = 'buildkit.dockerfile.v0';
  const text = 'FROM scratch AS base\nENTRYPOINT ["/none"]\nFROM base\nCOPY app /app\nCMD ["x"]\n';
  const history = [
    { createdBy: 'ENTRYPOINT ["/none"]', emptyLayer: true, comment },
    { createdBy: 'COPY app /app', emptyLayer: false, comment },
    { createdBy: 'CMD ["x"]', emptyLayer: true, comment },
  ];
  const program = { magic: 'script', script: '/bin/bash' } as const;
  const at = (entrypoint: readonly string[], command: readonly string[], dockerfile: object) => {
    const config = { history, entrypoint, command };
    const subject = inspected([layer([{ path: 'app', program }])], config, dockerfile);
    return [...programMissing(subject), ...interpreterMissing(subject)].map((one) => one.location);
  };
  const known = { dockerfile: { file: 'Dockerfile', text } };
  expect(at(['/none'], [], known)).toStrictEqual([{ file: 'Dockerfile', line: 2 }]);
  expect(at([], ['x'], known)).toStrictEqual([{ file: 'Dockerfile', line: 5 }]);
  expect(at(['/app'], [], known)).toStrictEqual([{ file: 'Dockerfile', line: 4 }]);
  expect(at(['/app'], [], { dockerfile: { file: 'Dockerfile' } })).toStrictEqual([
    { file: 'Dockerfile' },
  ]);
  expect(at(['/app'], [], {})).toStrictEqual([undefined]);
});

test('no-program says what the image lacks', () => {
  expect(noProgram(inspected([layer([])], { entrypoint: [] }))).toStrictEqual([
    {
      code: 'no-program',
      severity: 'note',
      subject: { image: 'greeter', platform: 'linux/arm64' },
      message: 'The image has neither ENTRYPOINT nor CMD.',
      remedy: 'Set ENTRYPOINT or CMD, unless the image is meant as a base image.',
    },
  ]);
});

test.each<[string, Partial<ImageConfig>, number]>([
  ['nothing', { entrypoint: [] }, 1],
  ['an entrypoint', {}, 0],
  ['a command', { entrypoint: [], command: ['x'] }, 0],
])('no-program: %s', (_, config, count) => {
  const findings = noProgram(inspected([layer([])], config));
  expect(findings).toHaveLength(count);
  for (const { code, severity } of findings)
    expect([code, severity]).toEqual(['no-program', 'note']);
});
