import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { loadConfig, type Request } from '../../src/config/index.js';
import { makePlan } from '../../src/plan/index.js';
import { realPorts } from '../../src/ports/index.js';

/* What the pages say has to be so: their configurations are planned, their links followed. */

const root = join(import.meta.dirname, '..', '..');

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
];

const text = (page: string) => readFileSync(join(root, page), 'utf8');

/** The id that GitHub gives a heading. */
function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\- _]/gu, '')
    .replaceAll(' ', '-');
}

function anchors(page: string): readonly string[] {
  return [...text(page).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchor(heading));
}

function broken(page: string): readonly string[] {
  const prose = text(page).replace(/```[\s\S]*?```/g, '');
  const links = [...prose.matchAll(/\]\(([^)\s]+)\)/g)].map(([, to = '']) => to);
  return links
    .filter((to) => !/^https?:/.test(to))
    .filter((to) => {
      const [path = '', heading] = to.split('#');
      const target = path === '' ? page : relative(root, join(root, dirname(page), path));
      try {
        text(target);
      } catch {
        return true;
      }
      return heading !== undefined && !anchors(target).includes(heading);
    });
}

test('every link leads to a page or a heading that is there', () => {
  expect(pages.flatMap((page) => broken(page).map((link) => `${page}: ${link}`))).toEqual([]);
});

/** Pieces of sea-trial.yml in a page, made whole. */
function configurations(page: string): readonly string[] {
  const blocks = [...text(page).matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].map(
    ([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
  const indented = (block: string) => block.replaceAll(/^/gm, '    ');
  return blocks
    .filter((block) => !/\b(uses|jobs):/.test(block))
    .map((block) => {
      if (/^(build|tests):/.test(block)) {
        return `images:\n  - name: ghcr.io/acme/a\n    platforms: [linux/amd64]\n${indented(block)}`;
      }
      return /^images:/m.test(block) ? block : `${block}\nimages: [{ name: ghcr.io/acme/a }]\n`;
    });
}

const folders: string[] = [];

afterAll(async () => {
  for (const folder of folders) await rm(folder, { recursive: true });
});

const DOCKERFILES = [
  'Dockerfile',
  'docker/Dockerfile',
  'captain.Dockerfile',
  'steward.Dockerfile',
  'builder_2.4.Dockerfile',
];

async function planned(configuration: string) {
  const folder = await mkdtemp(join(tmpdir(), 'sea-trial-page-'));
  folders.push(folder);
  await writeFile(join(folder, 'sea-trial.yml'), configuration);
  await mkdir(join(folder, 'docker'));
  for (const name of DOCKERFILES) await writeFile(join(folder, name), 'FROM busybox AS release\n');
  const request: Request = {
    command: 'plan',
    from: 'arguments',
    root: folder,
    only: [],
    platforms: [],
    set: new Map(),
    push: false,
    json: false,
    allowDirty: false,
    grants: ['secrets'],
    replaces: [],
    load: false,
    pullRequest: false,
    untrusted: 'auto',
    trust: { untrusted: false, pushes: true, reason: 'this is not a CI job' },
    secretSources: configuration.includes('id: token') ? [{ id: 'token' }] : [],
    secretValues: new Map([['token', 'x']]),
  };
  const ports = { ...realPorts(), env: { ...process.env, OWNER: 'acme', SIGNING_KEY: 'x' } };
  return makePlan(loadConfig(request, ports), request, ports);
}

describe.each(['README.md', 'docs/guide.md'])('%s', (page) => {
  const all = configurations(page);

  test('shows configurations', () => {
    expect(all.length).toBeGreaterThan(0);
  });

  test.each(all)('has a configuration that can be planned: %#', async (configuration) => {
    const plan = await planned(configuration);
    expect('problems' in plan ? plan.problems : []).toEqual([]);
  });
});
