import { describe, expect, test } from '@jest/globals';
import { cleanUnrecorded } from '../../src/cleanup/clean-runs.js';
import { DAY } from '../../src/cleanup/run-record.js';
import { removers } from '../../src/environment/removers.js';
import { machine } from './machine.js';

interface Container {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** `docker ps`: containers that a filter lets through, each as the template has it. */
function listed(containers: readonly Container[]) {
  return (args: readonly string[]) => {
    const [, kind = '', wanted = ''] =
      /^(name|label)=(.*)$/.exec(args[args.indexOf('--filter') + 1] ?? '') ?? [];
    const [label = '', value] = wanted.split('=');
    const found = containers.filter(({ name, labels }) =>
      kind === 'name'
        ? new RegExp(wanted).test(name)
        : label in labels && (value === undefined || labels[label] === value),
    );
    const template = args[args.indexOf('--format') + 1] ?? '';
    const lines = found.map(({ name, labels }) =>
      template.replaceAll(
        /\{\{(json )?\(?\.(\w+)(?: "([^"]+)")?\)?\}\}/g,
        (_, json: string | undefined, field: string, of = '') => {
          const fields: Readonly<Record<string, string>> = {
            ID: `id-of-${name}`,
            Names: name,
            Label: labels[of] ?? '',
            CreatedAt: '2020-01-01 00:00:00 +0000 UTC',
          };
          const text = fields[field] ?? '';
          return json === undefined ? text : JSON.stringify(text);
        },
      ),
    );
    return { stdout: `${lines.join('\n')}\n` };
  };
}

const OLD = '2020-01-01T00:00:00.000Z';
const GONE = JSON.stringify({ host: 'x', boot: 'y', space: 'z', pid: 1, started: '1' });

const labelled = (run: string, started = OLD) => ({
  'sea-trial.run': run,
  'sea-trial.started': started,
  'sea-trial.process': GONE,
});

const RUN = 'local-00000001';

/** An engine with those containers, long after, beside folders of runs. */
function engineWith(...containers: readonly Container[]) {
  const answer = listed(containers);
  return machine({
    answers: { 'ps --all': answer },
    temporary: [`sea-trial-${RUN}-abcdef`, 'sea-trial-local-00000002-abcdef'],
    now: new Date(Date.parse(OLD) + 2 * DAY),
  });
}

describe('what an image says of its containers', () => {
  test.each([
    ['the beginning of an id', labelled('local')],
    ['every run', labelled('*')],
    ['a run', labelled(RUN)],
    ['lines of an answer', labelled(`x\t${OLD}\t${GONE}\t\n${RUN}\t${OLD}\t${GONE}\t`)],
    ['a line in JSON', labelled('x', `"]\n["sea-trial-${RUN}-0123abcd","${RUN}","${OLD}","",""]`)],
  ])('counts for nothing: %s', async (_, labels) => {
    const { ports, commands, gone } = engineWith({ name: 'somebodys', labels });
    expect(await cleanUnrecorded(0, ports, removers)).toEqual({ removed: [], problems: [] });
    expect(commands.filter((line) => / rm /.test(line))).toEqual([]);
    expect(gone).toEqual([]);
  });

  test('counts for nothing beside what a run has made, of which its name tells', async () => {
    const { ports, commands, gone } = engineWith(
      { name: 'somebodys', labels: labelled(RUN) },
      { name: `sea-trial-${RUN}-0123abcd`, labels: labelled(RUN) },
      { name: 'sea-trial-local-00000003-0123abcd', labels: labelled('local-00000002') },
    );
    expect(await cleanUnrecorded(0, ports, removers)).toEqual({
      removed: [`${RUN}: 1 container, 1 folder removed`],
      problems: [],
    });
    expect(commands.filter((line) => / rm /.test(line))).toEqual([
      `unix:///e.sock rm --force --volumes id-of-sea-trial-${RUN}-0123abcd`,
    ]);
    expect(gone).toEqual([`/tmp/sea-trial-${RUN}-abcdef`]);
  });
});

test("a folder's file says whose it is, and nothing of what was made", async () => {
  const { ports, commands, gone } = machine({
    temporary: [`sea-trial-${RUN}-abcdef`],
    now: new Date(Date.parse(OLD) + 2 * DAY),
  });
  const handlers = { handlers: ['qemu-arm'], installer: 'evil:1', platform: 'linux/amd64' };
  const process = JSON.parse(GONE);
  const made = [{ answered: '28' }, { image: 'of-a-user:1' }, handlers];
  const files = {
    ...ports.files,
    look: async () => ({ kind: 'directory' as const, size: 0, mode: 0o700, modified: 0n }),
    read: async () => Buffer.from(JSON.stringify({ run: RUN, started: OLD, process, made })),
  };
  const { removed } = await cleanUnrecorded(0, { ...ports, files }, removers);
  expect(removed).toEqual([`${RUN}: 1 folder removed`]);
  expect(commands.filter((line) => /evil:1|of-a-user:1/.test(line))).toEqual([]);
  expect(gone).toEqual([`/tmp/sea-trial-${RUN}-abcdef`]);
});

test.each([
  ['gone', 'b', 0, 0, true],
  ['gone', 'b', DAY, DAY - 1, false],
  ['gone', 'b', DAY, DAY, true],
  // Of a process of another machine nothing is certain.
  ['gone', 'y', 0, DAY - 1, false],
  ['gone', 'y', 0, DAY, true],
  ['elsewhere', 'b', 0, DAY - 1, false],
  ['elsewhere', 'b', 0, DAY, true],
  ['running', 'b', 0, 2 * DAY, false],
] as const)(
  'what has no record is touched or not: %s, boot %s, asked for %i, old %i',
  async (...row) => {
    const [state, boot, age, old, touched] = row;
    const process = JSON.stringify({ host: 'x', boot, space: 'z', pid: 1, started: '1' });
    const labels = { ...labelled(RUN), 'sea-trial.process': process };
    const { ports, commands } = machine({
      answers: { 'ps --all': listed([{ name: `sea-trial-${RUN}-0123abcd`, labels }]) },
      now: new Date(Date.parse(OLD) + old),
      state,
    });
    await cleanUnrecorded(age, ports, removers);
    expect(commands.some((line) => line.includes(' rm --force '))).toBe(touched);
  },
);
