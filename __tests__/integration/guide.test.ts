import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { TestResult } from '../../src/evidence/index.js';
import { unique } from './image-project.js';
import { project, ROOT, runIn } from './rig.js';

/* What the guide shows, executed. */

function configurationOf(words: string): string {
  const guide = readFileSync(join(ROOT, 'docs', 'guide.md'), 'utf8');
  const blocks = [...guide.matchAll(/^```yaml\n([\s\S]*?)^```/gm)].map(([, text = '']) => text);
  const found = blocks.find((block) => block.includes(words));
  if (found === undefined) throw new Error(`the guide has no configuration with ${words}`);
  return found;
}

const server = (page: string) =>
  project({
    'sea-trial.yml': configurationOf('answers over HTTP'),
    Dockerfile: [
      'FROM busybox:1.37',
      `RUN mkdir /www && echo '${page}' > /www/index.html`,
      unique(),
      'CMD ["busybox", "httpd", "-f", "-p", "8080", "-h", "/www"]',
    ].join('\n'),
  });

/** What `docker rm` says that it removed. */
function removed(tests: readonly TestResult[] = []): readonly string[] {
  return tests.flatMap(({ stderr }) => stderr.text.match(/^[0-9a-f]{64}$/gm) ?? []);
}

test('a server is asked over HTTP, on each platform', async () => {
  const run = await runIn(await server('Hello from the server'));
  expect(run.evidence?.trials.map(({ platform, tests }) => [platform, tests[0]?.outcome])).toEqual([
    ['linux/amd64', 'passed'],
    ['linux/arm64', 'passed'],
  ]);
  expect(run.code).toBe(0);
});

test('one that answers something else fails, and no container is left', async () => {
  const run = await runIn(await server('Goodbye'));
  expect(run.evidence?.trials.map(({ tests }) => tests[0]?.outcome)).toEqual(['failed', 'failed']);
  expect(run.code).toBe(1);
  const containers = removed(run.evidence?.trials.flatMap(({ tests }) => tests));
  expect(containers).toHaveLength(2);
  for (const id of containers) {
    expect(() => execFileSync('docker', ['inspect', id], { stdio: 'ignore' })).toThrow();
  }
});
