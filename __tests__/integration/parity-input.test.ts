import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from '@jest/globals';
import { type BuilderRegistry, builderRegistry } from './buildpacks.js';
import { type FaultRow, lasting, messageOf, noteFaults } from './fault-table.js';
import { withTmp } from './image-project.js';
import { CLI, command, project, type Run, runIn } from './rig.js';

/* What is wrong with a parity lock ends a run at the line of the lock, and nothing is built. */

interface Case {
  /** Changes a lock that is whole. */
  readonly change: (lock: string, registry: BuilderRegistry) => string;
  readonly exit: number;
  /** A part of the line that the first thing said is about. */
  readonly line: string;
  readonly says: string;
}

const CASES: Readonly<Record<string, Case>> = {
  'a lock that is no YAML': {
    change: (lock) => lock.replace('    pins:', '   pins:'),
    exit: 2,
    line: 'pins:',
    says: 'this is not valid YAML',
  },
  'a lock that disagrees with itself': {
    change: (lock) => lock.replace('- sea-trial-rig/python@1.0.0', '- sea-trial-rig/python@1.0.1'),
    exit: 2,
    line: 'order:',
    says: 'the lock disagrees with itself: "order" names sea-trial-rig/python@1.0.0',
  },
  'a lock of another builder than the configuration names': {
    change: (lock) => lock.replace('/builder:1@', '/builder:2@'),
    exit: 2,
    line: '/builder:2@',
    says: '"builder" pins ',
  },
  'a lock whose facts were edited': {
    change: (lock) => lock.replace('lifecycle: 0.21.17', 'lifecycle: 0.20.7'),
    exit: 1,
    line: 'lifecycle:',
    says: 'the lifecycle 0.20.7 → 0.21.17',
  },
  'a lock that names a digest which is gone': {
    change: (lock, { builder }) => lock.replaceAll(builder.slice(-64), '0'.repeat(64)),
    exit: 3,
    line: '      builder: ',
    says: 'cannot be pulled',
  },
};

describe('a run with a lock that is wrong', () => {
  let registry: BuilderRegistry;
  let folder = '';
  let whole = '';
  const rows: FaultRow[] = [];
  beforeAll(async () => {
    registry = await builderRegistry();
    const { host } = registry;
    folder = await project({
      'sea-trial.yml': `images:
  - name: ghcr.io/acme/web
    platforms: [linux/amd64]
    build:
      buildpack:
        builder: ${host}/builder:1
        run-image: ${host}/run:1
`,
    });
    await command('sh', [
      '-c',
      'cd "$1" && shift && exec "$@"',
      'sh',
      folder,
      process.execPath,
      CLI,
      'parity',
      'lock',
    ]);
    whole = await fs.readFile(join(folder, 'sea-trial.lock'), 'utf8');
  });

  /** Where the first thing that is wrong stands, and what is said of it. */
  function firstOf({ evidence, stderr }: Run): { readonly line: number; readonly words: string } {
    const error = evidence?.findings.find(({ severity }) => severity === 'error');
    if (error !== undefined) return { line: error.location?.line ?? 0, words: error.message };
    const [, line, words = ''] = /sea-trial\.lock:(\d+):\d+\s+([\s\S]*)/.exec(stderr) ?? [];
    return { line: Number(line), words: words.trim() };
  }

  test.each(Object.entries(CASES))('%s ends it before anything is built', async (name, wanted) => {
    const changed = wanted.change(whole, registry);
    expect(changed).not.toBe(whole);
    await fs.writeFile(join(folder, 'sea-trial.lock'), changed);
    const { env, left } = await withTmp();
    const run = await runIn(folder, [], { env });
    const { line, words } = firstOf(run);
    expect([run.code, words]).toEqual([wanted.exit, expect.stringContaining(wanted.says)]);
    expect(changed.split('\n')[line - 1]).toContain(wanted.line);
    expect(run.evidence?.trials.filter(({ build }) => build !== undefined) ?? []).toEqual([]);
    expect(await left()).toEqual([]);
    const message = run.evidence === undefined ? lasting(words) : messageOf(run);
    rows.push({ fault: name, stage: 'environment', exit: run.code, message, left: [] });
  });

  test('are the lines of docs/faults.md', () => {
    expect(rows).toHaveLength(Object.keys(CASES).length);
    noteFaults(rows);
  });
});
