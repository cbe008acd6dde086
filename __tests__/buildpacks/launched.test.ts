import { describe, expect, test } from '@jest/globals';
import { buildMetadata, launchedImage } from '../../src/buildpacks/index.js';
import { createTree } from '../../src/contents/index.js';
import { inspect } from '../../src/inspect/index.js';
import { elf, type File, layer } from '../checks/inspected.js';
import { plannedBuildpack, plannedTest } from '../plans.js';
import { appConfig, LABEL, launcherFiles, metadata } from './launcher-image.js';

const script = (interpreter: string) => ({ magic: 'script', script: interpreter }) as const;

/** Layers of two buildpacks on a base with bash. */
const FILES: readonly File[] = [
  ...launcherFiles('arm64'),
  { path: 'bin/bash', program: elf('arm64') },
  { path: 'usr/bin/python', program: elf('arm64') },
  { path: 'layers/heroku_python/python/bin/python', program: elf('arm64') },
  {
    path: 'layers/heroku_python/venv/bin/gunicorn',
    program: script('/layers/heroku_python/venv/bin/python'),
  },
  { path: 'layers/heroku_python/venv/bin/python', link: '/layers/heroku_python/python/bin/python' },
  { path: 'layers/heroku_python/data/notes', mode: 0o644 },
  { path: 'workspace/manage.py', program: script('/usr/bin/python') },
];

const treeOf = (...more: readonly File[]) => createTree([layer([...FILES, ...more])]);

describe('an image behind its launcher', () => {
  test('has folders of its layers on PATH, the last layer first, and none of the launcher’s', () => {
    const { config, pathKnown } = launchedImage(appConfig(), treeOf());
    expect(config.env.at(-1)).toBe(
      'PATH=/layers/heroku_python/venv/bin:/layers/heroku_python/python/bin:/usr/bin:/bin',
    );
    expect(pathKnown).toBe(true);
    expect(config.shell).toStrictEqual(['/bin/bash', '-c']);
    expect(config.workdir).toBe('/workspace');
  });

  test.each(['env/PATH.prepend', 'env.launch/PATH', 'env/PATH.append'])(
    'has a PATH that is not known where a layer changes it by %s',
    (name) => {
      const more = { path: `layers/heroku_python/venv/${name}`, mode: 0o644 };
      expect(launchedImage(appConfig(), treeOf(more)).pathKnown).toBe(false);
    },
  );

  test('starts the program of its default process, and the launcher before it', () => {
    expect(
      launchedImage(appConfig(), treeOf()).started.map(
        ({ role, asked, by, file }) => `${role} ${asked} → ${file?.path} (${by})`,
      ),
    ).toStrictEqual([
      'interpreter /cnb/process/web → /cnb/lifecycle/launcher (ENTRYPOINT)',
      'entrypoint gunicorn → /layers/heroku_python/venv/bin/gunicorn (the process type "web")',
      'interpreter /layers/heroku_python/venv/bin/python → /layers/heroku_python/python/bin/python (/layers/heroku_python/venv/bin/gunicorn)',
    ]);
  });

  test.each([
    ['a label that is no JSON', '{'],
    ['a label of another kind', '[]'],
    ['processes of another kind', '{"processes":{"web":1},"buildpacks":[3,{"id":4}]}'],
    ['no label', undefined],
  ])('starts the launcher alone by %s', (_, label) => {
    const labels = new Map(label === undefined ? [] : [[LABEL, label]]);
    const { started } = launchedImage(appConfig({ labels }), treeOf());
    expect(started.map(({ file }) => file?.path)).toStrictEqual(['/cnb/lifecycle/launcher']);
  });

  test('of an old lifecycle has its commands as one text', () => {
    const found = buildMetadata(
      new Map([[LABEL, '{"processes":[{"type":"web","command":"python","args":["a"]}]}']]),
    );
    expect(found?.processes).toStrictEqual([
      { type: 'web', words: ['python', 'a'], direct: false },
    ]);
  });
});

describe('what the launcher makes of other images', () => {
  const launched = (env: readonly string[], ...more: readonly File[]) =>
    launchedImage(appConfig({ env, workdir: '/home' }), createTree([layer(more)])).config;
  const program = (path: string) => ({ path, program: elf('arm64') });

  test('has its folders where variables of the image say', () => {
    const { env, workdir } = launched(
      ['CNB_LAYERS_DIR=/a', 'CNB_LAYERS_DIR=/l', 'XCNB_LAYERS_DIR=/x', 'CNB_APP_DIR=/app'],
      program('l/heroku_python/one/bin/a'),
      program('layers/heroku_python/two/bin/b'),
    );
    expect(env.at(-1)).toMatch(/^PATH=\/l\/heroku_python\/one\/bin:\/usr\/local\/sbin:/);
    expect(workdir).toBe('/app');
  });

  test('has them in their usual places where these are not set, or empty', () => {
    for (const set of [[], ['CNB_LAYERS_DIR=', 'CNB_APP_DIR=']]) {
      const { env, workdir } = launched(set, program('layers/heroku_python/two/bin/b'));
      expect(env.at(-1)).toMatch(/^PATH=\/layers\/heroku_python\/two\/bin:\/usr\/local\/sbin:/);
      expect(workdir).toBe('/home');
    }
    const { workdir: _, ...bare } = appConfig({ env: [] });
    expect(launchedImage(bare, createTree([])).config.workdir).toBe('/workspace');
  });

  test('has its layers in the order of their names, buildpack by buildpack', () => {
    const { env } = launched(
      ['PATH=/cnb/lifecycle:/bin:/cnb/process'],
      program('layers/heroku_procfile/c/bin/a'),
      program('layers/heroku_python/b/bin/a'),
      program('layers/heroku_python/a/bin/a'),
      program('layers/heroku_python/d/a'),
      { path: 'layers/heroku_python/e/bin', mode: 0o644 },
      { path: 'layers/heroku_python/launch.toml', mode: 0o644 },
    );
    expect(env.at(-1)).toBe(
      'PATH=/layers/heroku_procfile/c/bin:/layers/heroku_python/b/bin:/layers/heroku_python/a/bin:/bin',
    );
  });

  test.each(['env.build/PATH', 'env/XPATH', 'env/PATH.a.b', 'env/PATH_INFO', 'bin/PATH'])(
    'has a PATH that is known where a layer has %s',
    (name) => {
      const more = { path: `layers/heroku_python/venv/${name}`, mode: 0o644 };
      expect(launchedImage(appConfig(), treeOf(more)).pathKnown).toBe(true);
    },
  );

  test('starts what its configuration says, where that is no process type', () => {
    const config = appConfig({
      entrypoint: ['/usr/bin/python'],
      command: ['/workspace/manage.py'],
    });
    const found = launchedImage(config, treeOf());
    expect(found.config.entrypoint).toStrictEqual(['/usr/bin/python', '/workspace/manage.py']);
    expect(found.config.command).toStrictEqual([]);
    expect(found.started.map(({ role, by, file }) => [role, by, file?.path])).toStrictEqual([
      ['entrypoint', 'ENTRYPOINT', '/usr/bin/python'],
      ['command', 'CMD', '/workspace/manage.py'],
    ]);
    const none = launchedImage(appConfig({ entrypoint: [] }), treeOf());
    expect([none.config.entrypoint, none.started]).toStrictEqual([[], []]);
  });

  test('starts what is not in the image as what its configuration says', () => {
    const { started } = launchedImage(appConfig({ entrypoint: ['/gone'] }), treeOf());
    expect(started).toStrictEqual([
      {
        role: 'entrypoint',
        asked: '/gone',
        by: 'ENTRYPOINT',
        executedBy: 'engine',
        file: undefined,
      },
    ]);
  });
});

describe('a test by what the launcher executes for it', () => {
  const { tested } = launchedImage(
    appConfig({
      labels: new Map([
        [
          LABEL,
          metadata({
            processes: [
              { type: 'web', command: ['gunicorn'], args: ['app:app'], direct: true },
              { type: 'worker', command: ['python'], args: ['worker.py'], direct: false },
            ],
          }),
        ],
      ]),
    }),
    treeOf(),
  );
  const base = { name: 'a test', mounts: [] };
  const env = { A: '1' };

  test.each([
    [{ env }, { env, run: { exec: ['gunicorn', 'app:app'] } }],
    [
      { env, process: 'web' },
      { env, run: { exec: ['gunicorn', 'app:app'] } },
    ],
    [
      { env, process: 'worker' },
      { env, run: { exec: ['/bin/bash', '-c', 'python worker.py'] } },
    ],
    [
      { env, process: 'none' },
      { env, run: { exec: ['/cnb/process/none'] } },
    ],
    [
      { env, run: { shell: 'python -V' } },
      { env, run: { shell: 'python -V' } },
    ],
    [
      { env: { A: '1', PATH: '/bin:/cnb/process' }, run: { exec: ['a'] } },
      {
        env: {
          A: '1',
          PATH: '/layers/heroku_python/venv/bin:/layers/heroku_python/python/bin:/bin',
        },
        run: { exec: ['a'] },
      },
    ],
  ])('%j is %j', (asked, expected) => {
    expect(tested({ ...base, ...asked })).toStrictEqual({ ...base, ...expected });
  });

  test('is nothing where the image starts no process type and the test says nothing', () => {
    const plain = launchedImage(appConfig({ entrypoint: ['/bin/bash'] }), treeOf());
    expect(plain.tested({ ...base, env })).toStrictEqual({ ...base, env });
  });
});

describe('what a test of such an image runs', () => {
  const image = { id: 'app', expect: {}, build: plannedBuildpack(), tests: [] };
  const inspected = (...more: readonly File[]) =>
    inspect(
      { image, platform: 'linux/arm64' },
      { config: appConfig(), layers: [layer([...FILES, ...more])], problems: [] },
      { ticks: () => 0 },
    );
  const { run: _, ...bare } = plannedTest();

  test.each([
    ['a text', plannedTest({ run: { shell: 'python -V' } }), '/bin/bash'],
    [
      'a list by the PATH of the launcher',
      plannedTest({ run: { exec: ['python', '-V'] } }),
      '/layers/heroku_python/python/bin/python',
    ],
    [
      'a list with a PATH of the test, behind the layers',
      plannedTest({ run: { exec: ['gunicorn'] }, env: { PATH: '/bin' } }),
      '/layers/heroku_python/venv/bin/gunicorn',
    ],
    [
      'a path in the application',
      plannedTest({ run: { exec: ['./manage.py'] } }),
      '/workspace/manage.py',
    ],
    ['a process type', { ...bare, process: 'worker' }, '/bin/bash'],
    ['the default process', bare, '/layers/heroku_python/venv/bin/gunicorn'],
    [
      'what is nowhere: the launcher',
      plannedTest({ run: { exec: ['none'] } }),
      '/cnb/lifecycle/launcher',
    ],
    [
      'a process type that is not there: the launcher',
      { ...bare, process: 'none' },
      '/cnb/lifecycle/launcher',
    ],
  ])('%s', (_, planned, path) => {
    expect(inspected().programOf(planned)).toStrictEqual({ path, architecture: 'arm64' });
  });

  test('is the launcher where a buildpack changes PATH, but for a path', () => {
    const { programOf } = inspected({ path: 'layers/heroku_python/venv/env/PATH.prepend' });
    expect(programOf(plannedTest({ run: { exec: [] } }))?.path).toBe('/cnb/lifecycle/launcher');
    expect(programOf(plannedTest({ run: { exec: ['python'] } }))?.path).toBe(
      '/cnb/lifecycle/launcher',
    );
    expect(programOf(plannedTest({ run: { exec: ['./manage.py'] } }))?.path).toBe(
      '/workspace/manage.py',
    );
  });

  test('is no program of the image on the host', () => {
    expect(inspected().programOf(plannedTest({ kind: 'host' }))).toBeUndefined();
  });

  test('is judged by its architecture, as the launcher is and the program of the default process', () => {
    const others = inspect(
      {
        image: { ...image, tests: [plannedTest({ run: { exec: ['tool'] } })] },
        platform: 'linux/arm64',
      },
      {
        config: appConfig(),
        layers: [
          layer([
            ...FILES.filter(({ path }) => !path.endsWith('/gunicorn')),
            ...launcherFiles('amd64'),
            { path: 'layers/heroku_python/venv/bin/gunicorn', program: elf('amd64') },
            { path: 'layers/heroku_python/venv/bin/tool', program: elf('amd64') },
          ]),
        ],
        problems: [],
      },
      { ticks: () => 0 },
    );
    expect(
      others.findings.flatMap(({ code, subject }) =>
        code === 'arch-mismatch' ? [subject.path] : [],
      ),
    ).toStrictEqual([
      '/cnb/lifecycle/launcher',
      '/layers/heroku_python/venv/bin/gunicorn',
      '/layers/heroku_python/venv/bin/tool',
    ]);
  });

  test('that is a Go program is told from the launcher, which is one too', () => {
    const go = { toolchain: 'go1.26', path: 'example.org/web', settings: {} };
    const own = { path: 'layers/heroku_python/venv/bin/gunicorn', program: elf('arm64', { go }) };
    const expecting = (goMain: string) =>
      inspect(
        { image: { ...image, expect: { goMain } }, platform: 'linux/arm64' },
        {
          config: appConfig(),
          layers: [layer([...FILES.filter(({ path }) => path !== own.path), own])],
          problems: [],
        },
        { ticks: () => 0 },
      ).findings.filter(({ code }) => code === 'go-main');
    expect(expecting('^example.org/web$')).toStrictEqual([]);
    expect(expecting('launcher')).toMatchObject([{ subject: { path: `/${own.path}` } }]);
  });

  test('a label of any size is read in a moment', () => {
    const processes = Array.from({ length: 20_000 }, (_, at) => ({
      type: `p${at}`,
      command: ['x'],
    }));
    expect(buildMetadata(new Map([[LABEL, metadata({ processes })]]))?.processes).toHaveLength(500);
  });
});
