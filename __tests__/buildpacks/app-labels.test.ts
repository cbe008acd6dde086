import { describe, expect, test } from '@jest/globals';
import {
  appLabels,
  buildMetadata,
  fileOrigin,
  runImageLayers,
} from '../../src/buildpacks/index.js';
import { appConfig, LABEL, LIFECYCLE, metadata } from './launcher-image.js';

const [LIFECYCLE_LABEL = ''] = Object.keys(LIFECYCLE);
const DISTRIBUTION = 'io.buildpacks.base.distro';

const labels = (more: Readonly<Record<string, string>>) => new Map(Object.entries(more));

describe('the labels of a built application', () => {
  test('say what built it, what it starts and what it stands on', () => {
    const whole = labels({
      [LABEL]: metadata(),
      [LIFECYCLE_LABEL]: JSON.stringify({
        runImage: { image: 'heroku/heroku:24', reference: 'heroku/heroku@sha256:2' },
        'exec-env': 'test',
      }),
      [`${DISTRIBUTION}.name`]: 'ubuntu',
      [`${DISTRIBUTION}.version`]: '24.04',
    });
    expect(appLabels(appConfig({ labels: whole }))).toStrictEqual({
      value: {
        buildpacks: ['heroku/python@0.25.0', 'heroku/procfile@4.0.0'],
        processes: ['web', 'worker'],
        launcher: '0.21.17',
        runImage: { image: 'heroku/heroku:24', reference: 'heroku/heroku@sha256:2' },
        execEnv: 'test',
        distribution: 'ubuntu 24.04',
      },
    });
  });

  test('may say nothing of it', () => {
    const empty = labels({ [LABEL]: '{}', [LIFECYCLE_LABEL]: '{}' });
    expect(appLabels(appConfig({ labels: empty }))).toStrictEqual({
      value: { buildpacks: [], processes: [], runImage: {} },
    });
  });

  test('may have lists of other kinds, and members of them', () => {
    const odd = labels({
      [LABEL]: JSON.stringify({
        buildpacks: [3, {}, { id: 'a/b' }, { version: '1' }],
        processes: [{ type: 3 }, 'web', { type: 'worker' }],
        launcher: [],
      }),
      [LIFECYCLE_LABEL]: JSON.stringify({ runImage: 'none' }),
    });
    expect(appLabels(appConfig({ labels: odd }))).toStrictEqual({
      value: { buildpacks: ['@', 'a/b@', '@1'], processes: ['worker'], runImage: {} },
    });
    const none = labels({ [LABEL]: '{"buildpacks":{},"processes":1}', [LIFECYCLE_LABEL]: '{}' });
    expect(appLabels(appConfig({ labels: none }))).toStrictEqual({
      value: { buildpacks: [], processes: [], runImage: {} },
    });
  });

  test.each<[string, Readonly<Record<string, string>>, readonly string[]]>([
    ['are missing', {}, [`it has no label ${LABEL}`, `it has no label ${LIFECYCLE_LABEL}`]],
    [
      'are no JSON objects',
      { [LABEL]: '{', [LIFECYCLE_LABEL]: '[]' },
      [
        `its label ${LABEL} is not a JSON object`,
        `its label ${LIFECYCLE_LABEL} is not a JSON object`,
      ],
    ],
    [
      'have members that are no texts',
      {
        [LABEL]: '{"buildpacks":[{"id":1}],"launcher":{"version":2}}',
        [LIFECYCLE_LABEL]: '{"runImage":{"image":3,"reference":4},"exec-env":5}',
      },
      [
        `label ${LABEL}, buildpacks: "id" is not a string`,
        `label ${LABEL}, launcher: "version" is not a string`,
        `label ${LIFECYCLE_LABEL}, runImage: "image" is not a string`,
        `label ${LIFECYCLE_LABEL}, runImage: "reference" is not a string`,
        `label ${LIFECYCLE_LABEL}: "exec-env" is not a string`,
      ],
    ],
  ])('that %s are refused with a clause for each', (_, written, problems) => {
    expect(appLabels(appConfig({ labels: labels(written) }))).toStrictEqual({ problems });
  });

  test('of any size are read in a moment', () => {
    const many = Array.from({ length: 3000 }, (_, at) => ({ id: `a/${at}`, version: '1' }));
    const huge = labels({
      [LABEL]: JSON.stringify({ buildpacks: many }),
      [LIFECYCLE_LABEL]: '{}',
    });
    const read = appLabels(appConfig({ labels: huge }));
    expect('value' in read && read.value.buildpacks.length).toBe(2000);
  });
});

describe('what a built image says of its build', () => {
  test('is its buildpacks, its processes and its launcher', () => {
    expect(buildMetadata(labels({ [LABEL]: metadata() }))).toStrictEqual({
      buildpacks: [
        { id: 'heroku/python', version: '0.25.0' },
        { id: 'heroku/procfile', version: '4.0.0' },
      ],
      processes: [
        { type: 'web', words: ['gunicorn', 'app:app'], direct: true },
        { type: 'worker', words: ['python worker.py'], direct: false },
      ],
      launcher: '0.21.17',
    });
  });

  test.each([
    ['{}', { buildpacks: [], processes: [] }],
    ['{"launcher":"1"}', { buildpacks: [], processes: [] }],
    [
      '{"buildpacks":[{"version":"1"},{"id":"a/b"}],"processes":[{"type":1},{"type":"web"}]}',
      {
        buildpacks: [{ id: 'a/b', version: '' }],
        processes: [{ type: 'web', words: [], direct: false }],
      },
    ],
    [
      '{"processes":[{"type":"web","command":["a",1],"args":null,"direct":"yes"}]}',
      { buildpacks: [], processes: [{ type: 'web', words: ['a'], direct: false }] },
    ],
  ])('is as much as can be read of %s', (label, expected) => {
    expect(buildMetadata(labels({ [LABEL]: label }))).toStrictEqual(expected);
  });

  test.each([undefined, '', '[]', 'null'])('is nothing where the label is %j', (label) => {
    expect(buildMetadata(labels(label === undefined ? {} : { [LABEL]: label }))).toBeUndefined();
  });
});

describe('the layers that an image has from its run image', () => {
  const layersOf = (label: string | undefined) =>
    runImageLayers({
      diffIds: ['sha256:a', 'sha256:b', 'sha256:c'],
      labels: labels(label === undefined ? {} : { [LIFECYCLE_LABEL]: label }),
    });

  test.each([
    ['{"runImage":{"topLayer":"sha256:a"}}', 1],
    ['{"runImage":{"topLayer":"sha256:b"}}', 2],
    ['{"runImage":{"topLayer":"sha256:d"}}', undefined],
    ['{"runImage":{"topLayer":1}}', undefined],
    ['{"runImage":"sha256:a"}', undefined],
    ['{"runImage":null}', undefined],
    ['[]', undefined],
    ['null', undefined],
    ['{', undefined],
    [undefined, undefined],
  ])('by the label %j are %j', (label, expected) => {
    expect(layersOf(label)).toBe(expected);
  });
});

describe('what has put a file into an image', () => {
  const bare = { labels: labels({ [LABEL]: metadata() }) };
  const elsewhere = { env: ['CNB_LAYERS_DIR=/a', 'CNB_LAYERS_DIR=/l/', 'CNB_APP_DIR=/app//'] };
  const unset = { env: ['CNB_LAYERS_DIR=', 'XCNB_APP_DIR=/x'] };

  test.each([
    ['/cnb/lifecycle/launcher', bare, { by: 'lifecycle' }],
    ['/cnbx/a', bare, { by: 'run image' }],
    ['/layers/heroku_python/venv/a', bare, { by: 'buildpack', buildpack: 'heroku/python 0.25.0' }],
    ['/layers/acme_own/a', bare, { by: 'buildpack', buildpack: 'acme_own' }],
    ['/layersx/a', bare, { by: 'run image' }],
    ['/workspace/manage.py', bare, { by: 'application' }],
    ['/workspacex/a', bare, { by: 'run image' }],
    ['/usr/bin/python', bare, { by: 'run image' }],
    ['/l/heroku_procfile/a', elsewhere, { by: 'buildpack', buildpack: 'heroku/procfile 4.0.0' }],
    ['/app/a', elsewhere, { by: 'application' }],
    ['/a/heroku_python/a', elsewhere, { by: 'run image' }],
    ['/layers/heroku_python/a', elsewhere, { by: 'run image' }],
    ['/layers/a/b', unset, { by: 'buildpack', buildpack: 'a' }],
    ['/workspace/a', unset, { by: 'application' }],
    ['/layers/a/b', { labels: labels({}) }, { by: 'buildpack', buildpack: 'a' }],
  ])('%s, with %j, is %j', (path, changes, expected) => {
    expect(fileOrigin(path, appConfig(changes))).toStrictEqual(expected);
  });
});
