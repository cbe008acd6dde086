import { execFile } from 'node:child_process';
import * as fs from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { beforeAll, expect, test } from '@jest/globals';
import { alone, handlers, homeOn, unregister } from './home.js';
import { privateEngine } from './private-engine.js';
import {
  CLI,
  command,
  environment,
  give,
  project,
  ROOT,
  type StartedRun,
  startRun,
  writeProof,
} from './rig.js';

/*
 * Handlers belong to the machine, and runs beside each other share them.
 */

const PLATFORM = 'linux/loong64';
const HANDLER = 'qemu-loongarch64';

let env: Readonly<Record<string, string>>;
let image: string;

beforeAll(async () => {
  const [engine, name] = await Promise.all([
    // With this store the engine itself builds: no run has to make a builder.
    privateEngine({ config: { features: { 'containerd-snapshotter': true } } }),
    command(join(ROOT, 'scripts', 'rig', 'binfmt-image.sh'), []),
  ]);
  image = name.trim();
  env = (await homeOn(engine.host)).env;
  await give(image, env);
  await alone(HANDLER);
}, 1_800_000);

const registered = async () => (await handlers(HANDLER)).includes(HANDLER);

/** A project whose image holds the proof program alone, as `/proof`, which ends with 23. */
async function far(tests: readonly string[]): Promise<string> {
  const folder = await project({
    'sea-trial.yml': [
      'images:',
      '  - name: a/far',
      `    platforms: [${PLATFORM}]`,
      '    tests:',
      ...tests.map((one) => `      - ${one}`),
    ].join('\n'),
    Dockerfile: 'FROM scratch\nCOPY proof /\n',
  });
  await writeProof(folder, PLATFORM);
  return folder;
}

const PROOF = '{ name: proof, run: [/proof], exit-code: 23 }';
/** Holds a trial up until a file is there. */
const until = (file: string, here = `${file}.waits`, name = 'waits') =>
  `{ name: "${name}", on: host, run: "touch ${here}; until test -e ${file}; do sleep 0.1; done" }`;

const begin = (folder: string): StartedRun => startRun(folder, ['--binfmt-image', image], { env });

async function isThere(file: string, { ended }: StartedRun): Promise<void> {
  let early: string | undefined;
  void ended.then(({ code, stdout, stderr }) => {
    early = `it ended with ${code}:\n${stdout}${stderr}`;
  });
  while (
    !(await fs.access(file).then(
      () => true,
      () => false,
    ))
  ) {
    if (early !== undefined) throw new Error(early);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function cli(...args: readonly string[]): Promise<{ code: number; text: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { env: { ...environment, ...env } },
      (error, out, said) =>
        resolve({ code: typeof error?.code === 'number' ? error.code : 0, text: out + said }),
    );
  });
}

async function records(): Promise<readonly string[]> {
  return fs.readdir(join(env.HOME ?? '', '.local/state/sea-trial/runs'));
}

test('an emulator that one run registered stays for another one, which takes it away', async () => {
  const gate = join(await project({}), 'go');
  const [first, second] = [await far([until(`${gate}1`)]), await far([until(`${gate}2`), PROOF])];
  const one = begin(first);
  await isThere(`${gate}1.waits`, one);
  const two = begin(second);
  await isThere(`${gate}2.waits`, two);
  expect(await registered()).toBe(true);

  await fs.writeFile(`${gate}1`, '');
  expect((await one.ended).code).toBe(0);
  expect(await registered()).toBe(true);
  expect((await cli('clean')).code).toBe(0);
  expect(await registered()).toBe(true);

  await fs.writeFile(`${gate}2`, '');
  const { code, stdout } = await two.ended;
  expect([code, stdout]).toEqual([0, expect.stringContaining('tested on 1 platform')]);
  expect(await registered()).toBe(false);
  expect(await records()).toEqual([]);
}, 120_000);

test('what a killed run registered stays while another run uses it', async () => {
  const gate = join(await project({}), 'go');
  const one = begin(await far([until(`${gate}1`)]));
  await isThere(`${gate}1.waits`, one);
  const two = begin(await far([until(`${gate}2`), PROOF]));
  await isThere(`${gate}2.waits`, two);
  one.child.kill('SIGKILL');
  await one.ended;
  expect((await cli('clean')).code).toBe(0);
  expect(await registered()).toBe(true);
  await fs.writeFile(`${gate}2`, '');
  expect((await two.ended).code).toBe(0);
  expect((await cli('clean')).code).toBe(0);
  expect(await registered()).toBe(false);
  expect(await records()).toEqual([]);
}, 120_000);

test('what a run registered stays when it was asked for meanwhile, until it is removed', async () => {
  const gate = join(await project({}), 'go');
  const one = begin(await far([until(gate)]));
  await isThere(`${gate}.waits`, one);
  const installed = await cli('emulation', 'install', PLATFORM, '--binfmt-image', image);
  expect(installed.code).toBe(0);
  await fs.writeFile(gate, '');
  expect((await one.ended).code).toBe(0);
  expect(await registered()).toBe(true);

  const two = begin(await far([until(`${gate}2`), PROOF]));
  await isThere(`${gate}2.waits`, two);
  expect((await cli('emulation', 'remove', PLATFORM)).code).toBe(0);
  expect(await registered()).toBe(true);
  await fs.writeFile(`${gate}2`, '');
  expect((await two.ended).code).toBe(0);
  expect(await registered()).toBe(false);
  expect(await records()).toEqual([]);
}, 120_000);

test('an emulator that is lost under way is not held against the image', async () => {
  const gate = join(await project({}), 'go');
  // As many as run at once, so that the last test waits for one of them to end.
  const places = Array.from({ length: Math.max(2, availableParallelism()) }, (_, i) => i);
  const waiting = places.map((i) => until(gate, `${gate}.${i}`, `waits ${i}`));
  const one = begin(await far([...waiting, PROOF]));
  for (const i of places) await isThere(`${gate}.${i}`, one);
  await unregister(HANDLER);
  await fs.writeFile(gate, '');
  const { code, evidence } = await one.ended;
  const result = evidence?.trials[0]?.tests.at(-1);
  expect([code, result?.outcome, result?.reason]).toEqual([
    3,
    'errored',
    expect.stringMatching(
      /^linux\/loong64 was verified to run here and no longer does: linux\/loong64 cannot be run here: no emulator is registered/,
    ),
  ]);
  expect(evidence?.findings.map(({ code: name }) => name)).not.toContain('cannot-execute');
}, 120_000);
