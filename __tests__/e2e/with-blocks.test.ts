import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { load } from 'js-yaml';
import { command, distribution, tagsAt } from '../integration/rig.js';
import { type Result, runAction } from './harness.js';
import { workspace } from './workspace.js';

/* What workflows have under docker/build-push-action: planned, and some of it run. */

interface Block {
  readonly name: string;
  readonly event?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly files?: Readonly<Record<string, string>>;
  readonly with: Readonly<Record<string, string | number | boolean>>;
  readonly targets?: readonly string[];
  readonly platforms?: readonly string[];
  readonly says?: readonly string[];
  readonly refused?: Readonly<Record<string, string>>;
  readonly runs?: true;
}

const blocks = load(
  readFileSync(join(import.meta.dirname, 'with-blocks.yml'), 'utf8'),
) as readonly Block[];
const accepted = blocks.filter(({ refused }) => refused === undefined);
const refused = blocks.filter(({ refused }) => refused !== undefined);
const run = blocks.filter(({ runs }) => runs);

const undo: (() => Promise<unknown>)[] = [];

afterAll(async () => {
  for (const step of undo.splice(0)) await step();
});

/** Runs a block as the runner does: every value is a text. */
async function act(
  { files, with: given, event = 'push', env = {} }: Block,
  more: Readonly<Record<string, string>>,
): Promise<Result> {
  const unique = randomUUID();
  const texts = Object.entries(files ?? { Dockerfile: 'FROM busybox:1.37\n' });
  const place = await workspace(
    Object.fromEntries(texts.map(([path, text]) => [path, text.replaceAll('UNIQUE', unique)])),
  );
  undo.push(place.remove);
  // biome-ignore lint/suspicious/noTemplateCurlyInString: an expression of GitHub's workflows.
  const evaluated = (text: string) => text.replaceAll('${{ github.workspace }}', place.path);
  const values = Object.entries(given).map(([name, value]) => [name, evaluated(`${value}`)]);
  const asked = { ...Object.fromEntries(values), ...more };
  const result = await runAction({ workspace: place.path, with: asked, event, env });
  undo.push(result.clean);
  return result;
}

/** The lines of a plan, without what aligns them. */
function linesOf({ log }: Result): readonly string[] {
  return log.split('\n').map((line) => line.trim().replaceAll(/ {2,}/g, ' '));
}

function plannedOf(result: Result) {
  const lines = linesOf(result);
  const platforms = lines.flatMap((line) => /^(linux\/\S+) /.exec(line)?.[1] ?? []);
  const targets = lines.filter((line) => line.startsWith('→ ')).map((line) => line.slice(2));
  return { exit: result.exitCode, annotations: result.annotations, targets, platforms };
}

test('there are at least twenty, of which eighteen are accepted and ten are run', () => {
  expect([blocks.length, accepted.length, run.length]).toEqual([23, 20, 10]);
});

test.each(accepted.map((block) => [block.name, block] as const))(
  '%s: planned',
  async (_, block) => {
    const result = await act(block, { mode: 'plan' });
    const { platforms = [expect.stringMatching(/^linux\//)], targets = [], says = [] } = block;
    expect(plannedOf(result)).toEqual({ exit: 0, annotations: [], targets, platforms });
    expect(linesOf(result)).toEqual(expect.arrayContaining([...says]));
  },
);

test.each(refused.map((block) => [block.name, block] as const))('%s: refused', async (_, block) => {
  const result = await act(block, { mode: 'plan' });
  expect(result.exitCode).toBe(2);
  expect(plannedOf(result).targets).toEqual([]);
  const messages = result.annotations.map(({ message }) => message);
  expect(messages.map((message) => /^input "(.*?)": /.exec(message)?.[1])).toEqual(
    Object.keys(block.refused ?? {}),
  );
  for (const [index, words] of Object.values(block.refused ?? {}).entries()) {
    expect(messages[index]).toContain(words);
  }
});

describe('run', () => {
  /** A registry of the tests for each that the blocks name. */
  const hosts = new Map<string, string>();
  const results = new Map<string, Result>();

  const local = (text: string) =>
    [...hosts].reduce((changed, [name, host]) => changed.replaceAll(name, host), text);

  const namesRegistry = ([name]: readonly [string, unknown]) =>
    ['tags', 'cache-from', 'cache-to'].includes(name);

  beforeAll(async () => {
    for (const name of ['ghcr.io', 'registry.example.org']) hosts.set(name, await distribution());
    const all = run.map(async (block) => {
      const named = Object.entries(block.with).filter(namesRegistry);
      const more = Object.fromEntries(named.map(([name, text]) => [name, local(`${text}`)]));
      results.set(block.name, await act(block, more));
    });
    await Promise.all(all);
  }, 300_000);

  function resultOf({ name }: Block): Result {
    const result = results.get(name);
    if (result === undefined) throw new Error(`"${name}" was not run`);
    return result;
  }

  test.each(run.map((block) => [block.name, block] as const))('%s', async (_, block) => {
    const result = resultOf(block);
    const errors = result.annotations.filter(({ kind }) => kind === 'error');
    expect({ errors, exit: result.exitCode, verdict: result.outputs.get('verdict') }).toEqual({
      errors: [],
      exit: 0,
      verdict: 'passed',
    });
    const evidence = JSON.parse(readFileSync(result.outputs.get('evidence') ?? '', 'utf8'));
    const platforms = evidence.trials.map(({ platform }: { platform: string }) => platform);
    expect(platforms).toEqual(block.platforms ?? [expect.stringMatching(/^linux\//)]);
    for (const target of block.with.push === true ? (block.targets ?? []) : []) {
      const [, host = '', repository = '', tag = ''] =
        /^([^/]+)\/(.+):([^:]+)$/.exec(local(target)) ?? [];
      expect([target, await tagsAt(host, repository)]).toEqual([
        target,
        expect.arrayContaining([tag]),
      ]);
    }
  });

  const ran = (words: string): Result => {
    const block = run.find(({ name }) => name.includes(words));
    if (block === undefined) throw new Error(`there is no block about ${words}`);
    return resultOf(block);
  };

  test('labels and annotations are served as they were given', async () => {
    expect(ran('labels and annotations').exitCode).toBe(0);
    const format = '{{ json .Image }}';
    const reference = `${hosts.get('ghcr.io')}/acme/greeter:1.4.0`;
    const inspect = (...more: string[]) =>
      command('docker', ['buildx', 'imagetools', 'inspect', reference, ...more]);
    const images = JSON.parse(await inspect('--format', format));
    for (const platform of ['linux/amd64', 'linux/arm64']) {
      expect(images[platform].config.Labels).toMatchObject({
        'org.opencontainers.image.title': 'greeter',
        'org.opencontainers.image.description': 'Greets, "warmly" & fast: a=b ☃',
        'org.opencontainers.image.created': '2026-11-29T08:07:06.123Z',
      });
    }
    const wanted = {
      'org.opencontainers.image.title': 'greeter',
      'org.opencontainers.image.authors': '"maintainers@example.org"',
    };
    const index = JSON.parse(await inspect('--raw'));
    expect(index.annotations).toMatchObject(wanted);
    const [first] = index.manifests as readonly { readonly digest: string }[];
    const manifest = `${reference.replace(/:[^:]+$/, '')}@${first?.digest}`;
    const raw = await command('docker', ['buildx', 'imagetools', 'inspect', '--raw', manifest]);
    expect(JSON.parse(raw).annotations).toMatchObject(wanted);
  });

  test('the cache is in the registry that it names', async () => {
    expect(ran('a cache in the registry').exitCode).toBe(0);
    const host = hosts.get('registry.example.org') ?? '';
    const caches = await tagsAt(host, 'community/greeter');
    expect(caches).toEqual([expect.stringMatching(/^cache-/)]);
  });

  test('the image that a later step tests is in the engine', async () => {
    expect(ran('stays in the engine').exitCode).toBe(0);
    undo.push(async () => {
      await command('docker', ['image', 'rm', 'blocks-greeter:test']);
      // The record of who has loaded it, which the next run that loads something removes.
      const name = 'label=sea-trial.loaded=docker.io/library/blocks-greeter:test';
      const [volume] = (await command('docker', ['volume', 'ls', '-q', '--filter', name])).split(
        '\n',
      );
      if (volume) await command('docker', ['volume', 'rm', '--force', volume]);
    });
    const [image] = JSON.parse(
      await command('docker', ['image', 'inspect', 'blocks-greeter:test']),
    );
    expect(image.Os).toBe('linux');
  });

  test('the builder is gone, and the pull request has pushed nothing', async () => {
    expect(ran('own configuration').log).toContain('builder-1e0b5e9c');
    const builders = await command('docker', ['buildx', 'ls', '--format', '{{.Name}}']);
    expect(builders).not.toContain('builder-1e0b5e9c');
    const tags = await tagsAt(hosts.get('ghcr.io') ?? '', 'acme/greeter');
    expect(tags).not.toContain('pr-12');
    expect(tags).toContain('1.4.0');
  });
});
