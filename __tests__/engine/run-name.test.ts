import { expect, test } from '@jest/globals';
import {
  containerNames,
  containerOptions,
  containerRun,
  imageRun,
  isRunName,
  networkOptions,
  runName,
  runNames,
} from '../../src/engine/run-name.js';

const RUN = 'local-0a1b2c3d';
const DIGEST = `sha256:${'0123456789abcdef'.repeat(4)}`;

test('an image of a run has a name that shows the run, and only such a name does', () => {
  const name = runName(RUN, DIGEST);
  expect(name).toBe(`sea-trial.invalid/0123456789ab:${RUN}`);
  expect([imageRun(name), isRunName(name)]).toEqual([RUN, true]);
  for (const other of [
    'busybox:1',
    `sea-trial.invalid/0123456789ab:${RUN}0`,
    `sea-trial.invalid/0123456789abc:${RUN}`,
    `x.sea-trial.invalid/0123456789ab:${RUN}`,
    'sea-trial.invalid/0123456789ab:latest',
  ]) {
    expect(imageRun(other)).toBeUndefined();
  }
  expect([isRunName('sea-trial.invalid'), isRunName('busybox')]).toEqual([false, false]);
  expect([runNames(RUN), runNames()]).toEqual([
    `sea-trial.invalid/*:${RUN}`,
    'sea-trial.invalid/*:*',
  ]);
});

test('containers and networks of a run have names that show it, and its labels', () => {
  const labels = { 'sea-trial.run': RUN, 'sea-trial.started': 'now' };
  const [named = '', ...options] = containerOptions(labels);
  const container = named.replace('--name=', '');
  expect(named).toMatch(new RegExp(`^--name=sea-trial-${RUN}-[0-9a-f]{8}$`));
  expect(options).toEqual([`--label=sea-trial.run=${RUN}`, '--label=sea-trial.started=now']);
  const network = networkOptions(labels);
  expect(network.options).toEqual(options);
  const pattern = new RegExp(containerNames(RUN));
  const any = new RegExp(containerNames());
  for (const name of [container, network.name]) {
    expect(containerRun(name)).toBe(RUN);
    expect([pattern.test(name), pattern.test(`/${name}`), any.test(name)]).toEqual([
      true,
      true,
      true,
    ]);
  }
  expect(container).not.toBe(network.name);
  expect(containerOptions({ a: 'b' })).toEqual(['--label=a=b']);
});

test.each([
  ['sea-trial-local-0a1b2c3d-0011223', undefined],
  ['sea-trial-local-0a1b2c3d-001122334', undefined],
  ['x-sea-trial-local-0a1b2c3d-00112233', undefined],
  ['sea-trial-other-00112233', undefined],
  ['sea-trial-1234-0a1b2c3d-00112233', '1234-0a1b2c3d'],
])('a container called %s is of the run %s', (name, run) => {
  expect(containerRun(name)).toBe(run);
});
