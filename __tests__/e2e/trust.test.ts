import { execFileSync } from 'node:child_process';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { type Asked, runAction } from './harness.js';
import { type Workspace, workspace } from './workspace.js';

const undo: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const step of undo.splice(0)) await step();
});

async function greeter(): Promise<Workspace> {
  const image = '{ name: ghcr.io/acme/a, tags: [dev], platforms: [linux/amd64] }';
  const place = await workspace({
    'sea-trial.yml': `images: [${image}]\n`,
    Dockerfile: 'FROM busybox:1.37\n',
  });
  undo.push(place.remove);
  return place;
}

/** What the log of `mode: plan` with `push: true` says of trust and of the push. */
async function told(place: Workspace, asked: Omit<Asked, 'workspace'>) {
  const inputs = { mode: 'plan', push: 'true', ...asked.with };
  const result = await runAction({ workspace: place.path, ...asked, with: inputs });
  undo.push(result.clean);
  const [trust = ''] = /This run is .*/.exec(result.log) ?? [];
  return { trust, pushes: !result.log.includes('nothing is pushed'), exitCode: result.exitCode };
}

/** A file outside the checkout with the payload of a run that followed a push to `main`. */
async function payload(place: Workspace): Promise<Readonly<Record<string, string>>> {
  const path = `${place.path}.json`;
  undo.push(() => rm(path, { force: true }));
  const here = { full_name: 'acme/greeter' };
  const run = { event: 'push', head_branch: 'main', head_repository: here };
  const repository = { ...here, default_branch: 'main' };
  await writeFile(path, JSON.stringify({ workflow_run: run, repository }));
  return { GITHUB_EVENT_PATH: path };
}

function head({ path }: Workspace): Readonly<Record<string, string>> {
  const text = execFileSync('git', ['rev-parse', 'HEAD'], { cwd: path, encoding: 'utf8' });
  return { GITHUB_SHA: text.trim() };
}

describe('what is untrusted is in the log of a workflow', () => {
  test.each<[string, Readonly<Record<string, string>>, string, boolean]>([
    ['push', {}, 'trusted: the event is push.', true],
    ['merge_group', {}, 'trusted: the event is merge_group, which pushes nothing.', false],
    ['pull_request', {}, 'untrusted: the event is pull_request.', false],
    ['pull_request', { untrusted: 'false' }, 'trusted: the input "untrusted" says so.', true],
    ['push', { untrusted: 'true' }, 'untrusted: the input "untrusted" says so.', false],
    ['gollum', {}, 'untrusted: the event is gollum.', false],
  ])('%s with %j', async (event, inputs, words, pushes) => {
    const seen = await told(await greeter(), { event, with: inputs });
    expect(seen).toEqual({ trust: `This run is ${words}`, pushes, exitCode: 0 });
  });

  test('workflow_run with the payload of a push to the default branch, and without', async () => {
    const place = await greeter();
    const event = 'workflow_run';
    expect(await told(place, { event })).toMatchObject({ pushes: false });
    expect(await told(place, { event, env: await payload(place) })).toMatchObject({ pushes: true });
  });

  test('pull_request_target with a clean checkout of GITHUB_SHA, and with another file', async () => {
    const place = await greeter();
    const asked = { event: 'pull_request_target', env: head(place) };
    expect(await told(place, asked)).toMatchObject({ pushes: true });
    await writeFile(join(place.path, 'more'), '');
    const seen = await told(place, asked);
    expect(seen).toMatchObject({ pushes: false, exitCode: 0 });
    expect(seen.trust).toContain('the checkout is not clean: more.');
  });

  test('another word is refused', async () => {
    const seen = await told(await greeter(), { event: 'push', with: { untrusted: 'maybe' } });
    expect(seen).toMatchObject({ trust: '', exitCode: 2 });
  });
});
