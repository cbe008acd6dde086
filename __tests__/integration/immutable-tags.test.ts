import { describe, expect, test } from '@jest/globals';
import { messageOf, noteFaults } from './fault-table.js';
import { asks, type Fault, faulty } from './faulty.js';
import { busybox, PASSES, sentences, unique } from './image-project.js';
import { command, distribution, leftovers, project, runIn, tagsAt } from './rig.js';

const TAG = /^PUT .*\/manifests\/([^:/]+)$/;
const REFUSED = JSON.stringify({
  errors: [{ code: 'TAG_INVALID', message: 'the tag already exists and is immutable' }],
});

/** Takes a tag once, as ECR does; while it is `closed`, no tag at all. */
function immutable(upstream: string, closed: () => RegExp | undefined): Fault {
  return async (request, response, forward) => {
    const tag = TAG.exec(asks(request))?.[1];
    if (tag === undefined) return forward();
    if (closed()?.test(tag))
      return void request.resume().on('end', () => response.writeHead(403).end());
    const there = await fetch(`http://${upstream}${request.url}`, {
      method: 'HEAD',
      headers: { accept: 'application/vnd.oci.image.index.v1+json' },
    });
    if (!there.ok) return forward();
    request.resume();
    response.writeHead(400).end(REFUSED);
  };
}

describe('a registry that keeps tags immutable', () => {
  test('a rerun after tag 1 of 2 moved ends green, and another image is told what is there', async () => {
    const upstream = await distribution();
    let closed: RegExp | undefined = /^2$/;
    const host = await faulty(
      upstream,
      immutable(upstream, () => closed),
    );
    const image = (more = '') =>
      `images: [{ name: ghcr.io/acme/ship, tags: ["1", "2"], platforms: [linux/amd64], tests: ${PASSES} ${more}}]\n`;
    const Dockerfile = busybox(unique());
    const folder = await project({
      'sea-trial.yml': image(),
      'fail.yml': image(', existing: fail'),
      'other.yml': image(', build: { dockerfile: Other }'),
      Dockerfile,
      Other: busybox(unique()),
    });
    const push = ['--push', '--registry', host];
    const digest = async (tag: string) =>
      (await command('crane', ['digest', '--insecure', `${upstream}/acme/ship:${tag}`])).trim();

    const cut = await runIn(folder, push);
    expect([cut.code, await tagsAt(upstream, 'acme/ship')]).toEqual([3, ['1']]);
    const first = await digest('1');
    closed = undefined;

    const rerun = await runIn(folder, push);
    expect([rerun.code, sentences(rerun.stdout)]).toEqual([0, expect.stringContaining(first)]);
    expect([await digest('1'), await digest('2')]).toEqual([first, first]);
    const [published] = rerun.evidence?.publications ?? [];
    expect(published?.index?.digest).toBe(first);
    expect(published?.takenOver?.composed).not.toBe(first);
    const attested = published?.served.map(({ attestations }) => attestations.map((a) => a.digest));
    const known = published?.takenOver?.attestations.map((one) => one.digest);
    expect(attested).toEqual([known, known]);

    const fail = await runIn(folder, [...push, '--config', 'fail.yml']);
    expect([fail.code, fail.evidence?.trials.map(({ build }) => build)]).toEqual([1, [undefined]]);
    expect(sentences(fail.stdout)).toContain(':1 exists already');

    const other = await runIn(folder, [...push, '--config', 'other.yml']);
    expect([await digest('1'), await digest('2')]).toEqual([first, first]);
    noteFaults([
      {
        fault: 'a tag that is there, with existing: fail',
        stage: 'environment',
        exit: fail.code,
        message: messageOf(fail),
        left: await leftovers(fail.evidence),
      },
      {
        fault: 'a tag that cannot be replaced and serves something else',
        stage: 'publish',
        exit: other.code,
        message: messageOf(other),
        left: await leftovers(other.evidence),
      },
    ]);
  }, 120_000);
});
