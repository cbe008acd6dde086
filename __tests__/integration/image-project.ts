import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import type { Finding } from '../../src/evidence/index.js';
import { project, type Run } from './rig.js';

const PLATFORMS = 'linux/amd64, linux/arm64';

/** No two runs, of whatever tests, may share an image: who loads one removes it. */
export const unique = () => `LABEL unique=${randomBytes(8).toString('hex')}`;

export const busybox = (...lines: readonly string[]) =>
  ['FROM busybox:1.37', ...lines, unique(), ''].join('\n');

/** A folder with one image `ship` of that Dockerfile. */
export function imageProject(
  dockerfile: string,
  tests: string,
  platforms = PLATFORMS,
): Promise<string> {
  const text = [
    'images:',
    '  - name: ghcr.io/acme/ship',
    '    tags: [dev]',
    `    platforms: [${platforms}]`,
    `    tests: ${tests}`,
  ].join('\n');
  return project({ 'sea-trial.yml': text, Dockerfile: dockerfile });
}

export const PASSES = '[{ name: passes, run: ["true"] }]';

export const errorsOf = ({ evidence }: Run): readonly Finding[] =>
  evidence?.findings.filter(({ severity }) => severity === 'error') ?? [];

export const brief = ({ code, subject }: Finding) =>
  [code, subject.platform, subject.test].filter((part) => part !== undefined).join(' ');

/** A folder that every user may write to. */
export async function openFolder(): Promise<string> {
  const folder = await project({});
  await fs.chmod(folder, 0o777);
  return folder;
}

/** Temporary files of a run where they can be seen: `left` names what is still there. */
export async function withTmp(): Promise<{
  readonly env: Record<string, string>;
  left(): Promise<readonly string[]>;
}> {
  const tmp = await openFolder();
  return { env: { TMPDIR: tmp, RUNNER_TEMP: tmp }, left: () => fs.readdir(tmp) };
}

/** Errors whose message the report says more often than there are such errors. */
export function repeated(run: Run): readonly string[] {
  const said = sentences(run.stdout);
  const messages = errorsOf(run).map(({ message }) => sentences(message));
  return [...new Set(messages)].filter(
    (message) =>
      said.split(message).length - 1 > messages.filter((other) => other === message).length,
  );
}

/** What a report says, in one line: a line's time may stand between the words of its sentence. */
export const sentences = (text: string) => text.replace(/ [\d.]+m?s$/gm, '').replace(/\s+/g, ' ');
