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
    expect(config.shell).toEqual(['/bin/bash', '-c']);
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
    ).toEqual([
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
    expect(started.map(({ file }) => file?.path)).toEqual(['/cnb/lifecycle/launcher']);
  });

  test('of an old lifecycle has its commands as one text', () => {
    const found = buildMetadata(
      new Map([[LABEL, '{"processes":[{"type":"web","command":"python","args":["a"]}]}']]),
    );
    expect(found?.processes).toEqual([{ type: 'web', words: ['python', 'a'], direct: false }]);
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
    expect(inspected().programOf(planned)).toEqual({ path, architecture: 'arm64' });
  });

  test('is the launcher where a buildpack changes PATH, but for a path', () => {
    const { programOf } = inspected({ path: 'layers/heroku_python/venv/env/PATH.prepend' });
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
    ).toEqual([
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
    expect(expecting('^example.org/web$')).toEqual([]);
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
