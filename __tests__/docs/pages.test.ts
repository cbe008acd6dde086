import { readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { fromInputs, loadConfig, type Request } from '../../src/config/index.js';
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

function yamlBlocks(page: string): readonly string[] {
  return [...text(page).matchAll(/^( *)```yaml\n([\s\S]*?)^ *```/gm)].map(
    ([, indent = '', block = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''),
  );
}

/** Pieces of sea-trial.yml in a page, made whole. */
function configurations(page: string): readonly string[] {
  const indented = (block: string) => block.replaceAll(/^/gm, '    ');
  return yamlBlocks(page)
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
  'test/infrastructure/docker/Dockerfile',
];

const RELEASE = 'FROM busybox AS release\n';
// biome-ignore lint/suspicious/noTemplateCurlyInString: an argument of the Dockerfile.
const NATIVE = 'ARG builder_image\nFROM ${builder_image} AS builder\nFROM busybox AS release\n';

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'sea-trial-page-'));
  folders.push(folder);
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), text);
  }
  return folder;
}

async function planned(configuration: string) {
  const text = configuration.includes('native:') ? NATIVE : RELEASE;
  const dockerfiles = DOCKERFILES.map((name) => [name, text]);
  const folder = await folderWith({
    'sea-trial.yml': configuration,
    ...Object.fromEntries(dockerfiles),
  });
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

/** What GitHub makes of the expressions in the pages' workflows. */
const EXPRESSIONS: ReadonlyMap<string, string> = new Map([
  ["github.event_name != 'pull_request'", 'true'],
  ['matrix.arch', 'amd64'],
  ['secrets.HUB', 'hunter2'],
  ['secrets.NPM_TOKEN', 'hunter2'],
  ['secrets.QUAY', 'hunter2'],
  ['secrets.TOKEN', 'hunter2'],
  ['steps.meta.outputs.labels', 'org.opencontainers.image.title=a\na=Greets, "warmly"'],
  ['steps.meta.outputs.tags', 'ghcr.io/acme/greeter:1.4.0\nghcr.io/acme/greeter:latest'],
]);

function evaluated(text: string): string {
  return text.replace(/\$\{\{\s*(.*?)\s*\}\}/g, (_, expression: string) => {
    const value = EXPRESSIONS.get(expression);
    if (value === undefined) throw new Error(`what is \${{ ${expression} }}?`);
    return value;
  });
}

/** Every step with this action in a piece of a workflow. */
function stepsIn(piece: unknown): readonly Readonly<Record<string, unknown>>[] {
  if (typeof piece !== 'object' || piece === null) return [];
  const { uses, with: given } = piece as { uses?: unknown; with?: Record<string, unknown> };
  const own = `${uses}`.startsWith('OWNER/sea-trial@') ? [given ?? {}] : [];
  return [...own, ...Object.values(piece).flatMap(stepsIn)];
}

/** The inputs of each step with this action that a page shows. */
function steps(page: string): readonly Readonly<Record<string, string>>[] {
  const blocks = yamlBlocks(page).filter((block) => block.includes('uses: OWNER/sea-trial@'));
  return blocks
    .flatMap((block) => stepsIn(load(block)))
    .map((given) =>
      Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, evaluated(`${value}`)]),
      ),
    );
}

/** Plans what the action does with these inputs, as the event `push` has it. */
async function plannedStep(inputs: Readonly<Record<string, string>>) {
  const folder = await folderWith({
    'docker/Dockerfile': 'FROM busybox AS release\n',
    Dockerfile: 'FROM busybox\n',
  });
  const env = { ...process.env, GITHUB_EVENT_NAME: 'push' };
  const asked = fromInputs(new Map(Object.entries(inputs)), { root: folder, env }, ['run']);
  if ('problems' in asked) return asked;
  if (asked.request.inline === undefined) {
    await writeFile(join(folder, 'sea-trial.yml'), 'images: [{ name: ghcr.io/acme/a }]\n');
  }
  const request: Request = {
    ...asked.request,
    trust: { untrusted: false, pushes: true, reason: 'the event is push' },
  };
  const ports = { ...realPorts(), env };
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

  test('shows steps of a workflow', () => {
    expect(steps(page).length).toBeGreaterThan(4);
  });

  test.each(steps(page))('has a step that can be planned: %j', async (inputs) => {
    const plan = await plannedStep(inputs);
    expect('problems' in plan ? plan.problems : []).toEqual([]);
  });
});

test('five workflows are shown before and after', () => {
  const section = text('README.md').split('## What it replaces')[1]?.split('\n## ')[0] ?? '';
  const count = (word: RegExp) => [...section.matchAll(word)].length;
  expect(count(/```yaml\n# before/g)).toBe(5);
  expect(count(/```yaml\n# after(?!, in sea-trial\.yml)/g)).toBe(5);
});
