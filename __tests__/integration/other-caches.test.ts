import { randomBytes } from 'node:crypto';
import * as fs from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import { unique } from './image-project.js';
import { distribution, freshBuilder, project, type Run, runIn } from './rig.js';

/* A cache that another image has written, under an id of its own, is read. */

const DOCKERFILE = [
  'FROM busybox:1.37 AS base_image',
  `RUN date > /heavy # ${randomBytes(8).toString('hex')}`,
  'FROM base_image AS standard',
  unique(),
  'CMD ["cat", "/heavy"]',
].join('\n');

const configuration = (...image: readonly string[]) =>
  ['platforms: [linux/amd64]', 'images:', ...image].join('\n');

const linter = (...caches: readonly string[]) =>
  configuration(
    '  - name: acme.test/linter',
    `    build: { cache_from: [${caches.map((one) => `'${one}'`).join(', ')}] }`,
    '    tests: [cat /heavy]',
  );

/** A run in a builder of its own that has nothing cached. */
async function runAlone(folder: string): Promise<Run> {
  const builder = `sea-trial-caches-${randomBytes(4).toString('hex')}`;
  await freshBuilder(builder);
  return runIn(folder, ['--builder', builder]);
}

const heavy = ({ evidence }: Run) =>
  evidence?.trials.flatMap(({ build }) =>
    (build?.steps ?? []).flatMap(({ name, cached }) => (/RUN date/.test(name) ? [cached] : [])),
  );

const notes = ({ evidence }: Run) =>
  evidence?.findings.flatMap(({ code, severity, message }) =>
    code === 'cache-unread' ? [`${severity} ${message}`] : [],
  );

test('in a registry by its tags, in a folder by its folders; what cannot be read is a note', async () => {
  const host = await distribution();
  const reference = `${host}/acme/cache:base`;
  const caches = [`type=registry,ref=${reference},mode=max`, 'type=local,dest=cache,mode=max'];
  const folder = await project({
    Dockerfile: DOCKERFILE,
    '.dockerignore': 'cache\nsea-trial.yml\n',
    'sea-trial.yml': configuration(
      '  - name: acme.test/warm',
      '    id: warmup',
      `    build: { target: base_image, cache_to: [${caches.map((one) => `'${one}'`).join(', ')}] }`,
      '    tests: [cat /heavy]',
    ),
  });
  const warm = await runAlone(folder);
  expect([warm.code, heavy(warm), notes(warm)]).toEqual([0, [false], []]);

  const reading = async (cache: string) => {
    await fs.writeFile(join(folder, 'sea-trial.yml'), linter(cache));
    const run = await runAlone(folder);
    return { exit: run.code, heavy: heavy(run), notes: notes(run) };
  };
  const read = { exit: 0, heavy: [true], notes: [] };
  expect(await reading(`type=registry,ref=${reference}`)).toEqual(read);
  expect(await reading('type=local,src=cache')).toEqual(read);
  expect(await fs.readdir(join(folder, 'cache'))).toEqual(['warmup-linux-amd64']);

  const other = `${host}/acme/cache:other`;
  await fs.writeFile(join(folder, 'sea-trial.yml'), linter(other, 'type=local,src=none'));
  const without = await runIn(folder);
  expect(without.code).toBe(0);
  expect(notes(without)?.sort()).toEqual([
    `note The cache ${other} could not be read; the build did without it.`,
    'note The cache none could not be read, for there is no cache in this folder; the build does without it.',
  ]);
  await expect(fs.access(join(folder, 'none'))).rejects.toThrow('ENOENT');
}, 240_000);
