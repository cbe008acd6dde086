import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { checkBuilderOptions } from '../../src/builder/check-options.js';
import { DEFAULT_BUILDER } from '../../src/builder/options.js';
import { realPorts } from '../../src/ports/index.js';
import { machine } from '../cleanup/machine.js';

const node = { driverOptions: [], platforms: [] };
const mistyped = {
  ...DEFAULT_BUILDER,
  endpoint: 'graviton',
  nodes: [node, { ...node, endpoint: 'arm' }],
};
const CONTEXTS = 'default\narm64\n';

test('a docker context that there is none of is named with its input, and those that there are', async () => {
  const { ports } = machine({ answers: { 'context ls': { stdout: CONTEXTS } } });
  expect(await checkBuilderOptions(mistyped, ports)).toEqual([
    {
      file: 'input "endpoint"',
      message: expect.stringMatching(
        /^"graviton" is not a docker context; there are: default, arm64\./,
      ),
    },
    {
      file: 'input "append"',
      message: expect.stringMatching(/^node 2: "arm" is not a docker context/),
    },
  ]);
});

test.each(['arm64', 'default', 'ssh://me@graviton', 'unix:///e.sock', 'graviton:2375', undefined])(
  'nothing is wrong with the endpoint %s',
  async (endpoint) => {
    const { ports } = machine({ answers: { 'context ls': { stdout: CONTEXTS } } });
    const wish = { ...DEFAULT_BUILDER, ...(endpoint === undefined ? {} : { endpoint }) };
    expect(await checkBuilderOptions(wish, ports)).toEqual([]);
  },
);

test('nor with what is no engine, or where the client does not say', async () => {
  const [listed, silent] = [{ stdout: CONTEXTS }, { code: 1, stderr: 'x' }].map((answer) =>
    machine({ answers: { 'context ls': answer } }),
  );
  const pods = { ...mistyped, driver: 'kubernetes' } as const;
  expect(await checkBuilderOptions(pods, (listed ?? machine()).ports)).toEqual([]);
  expect(await checkBuilderOptions(mistyped, (silent ?? machine()).ports)).toEqual([]);
});

test('a configuration of BuildKit that is not there is named with its input and its path', async () => {
  const folder = await realPorts().files.makeTemporary('sea-trial-wish-');
  const problemsOf = (file: string) =>
    checkBuilderOptions({ ...DEFAULT_BUILDER, buildkitdConfig: { file } }, realPorts());
  try {
    await realPorts().files.write(join(folder, 'there.toml'), '');
    expect(await problemsOf(join(folder, 'there.toml'))).toEqual([]);
    expect([
      ...(await problemsOf(join(folder, 'foo.toml'))),
      ...(await problemsOf(folder)),
    ]).toEqual([
      {
        file: 'input "buildkitd-config"',
        message: `${join(folder, 'foo.toml')}: the file does not exist`,
      },
      { file: 'input "buildkitd-config"', message: `${folder}: this is a folder, not a file` },
    ]);
  } finally {
    await realPorts().files.remove(folder);
  }
});

test('docker is asked for its contexts only where one of them may be meant', async () => {
  const { ports } = machine({ answers: {} });
  let asked = 0;
  const run: typeof ports.exec.run = (command) => {
    asked += 1;
    return ports.exec.run(command);
  };
  const watched = { ...ports, exec: { ...ports.exec, run } };
  const asks = async (more: object) => {
    asked = 0;
    await checkBuilderOptions({ ...DEFAULT_BUILDER, ...more }, watched);
    return asked;
  };
  expect(await asks({})).toBe(0);
  expect(await asks({ nodes: [node] })).toBe(0);
  expect(await asks({ driver: 'remote', endpoint: 'tcp://h:1' })).toBe(0);
  expect(await asks({ endpoint: 'far' })).toBe(1);
});
