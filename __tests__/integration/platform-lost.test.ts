import { describe, expect, test } from '@jest/globals';
import { messageOf, noteFaults } from './fault-table.js';
import { busybox, PASSES, sentences } from './image-project.js';
import { command, distribution, leftovers, project, runIn } from './rig.js';

const BOTH = ['linux/amd64', 'linux/arm64'];

/** One image `ship`: what one job of two publishes, or both of them at once. */
function job(where: string, platforms: readonly string[], more = ''): string {
  return `images: [{ ${where}, platforms: [${platforms.join(', ')}], tests: ${PASSES} }]\n${more}`;
}

const TAGS = 'name: ghcr.io/acme/ship, tags: [dev, "1"]';

/** The tag `dev` may lose a platform; that `1` does is a warning. */
const ALLOWED = job(
  'targets: [{ name: ghcr.io/acme/ship, tags: [dev], replaces: linux/arm64/v8 }, { name: ghcr.io/acme/ship, tags: ["1"] }]',
  ['linux/amd64'],
  'checks: { platform-lost: warning }\n',
);

describe('platform-lost: a tag that served more platforms than a run pushes', () => {
  test('ends it before the build, unless these may disappear', async () => {
    const host = await distribution();
    const folder = await project({
      'both.yml': job(TAGS, BOTH),
      'sea-trial.yml': job(TAGS, ['linux/amd64']),
      'allowed.yml': ALLOWED,
      Dockerfile: busybox(),
    });
    const push = ['--push', '--registry', host];
    const digest = async (tag: string) =>
      (await command('crane', ['digest', '--insecure', `${host}/acme/ship:${tag}`])).trim();
    expect((await runIn(folder, [...push, '--config', 'both.yml'])).code).toBe(0);
    const before = await digest('dev');

    const lost = await runIn(folder, push);
    expect(lost.code).toBe(1);
    expect(sentences(lost.stdout)).toContain('serves linux/amd64 and linux/arm64;');
    expect(sentences(lost.stdout)).toContain('use replaces: [linux/arm64]');
    expect(lost.evidence?.trials.map(({ build, notRun }) => [build, notRun])).toEqual([
      [undefined, `${host}/acme/ship:dev would lose platforms`],
    ]);
    expect(lost.evidence?.findings.map(({ code, subject }) => [code, subject.tag])).toEqual([
      ['platform-lost', 'dev'],
      ['platform-lost', '1'],
    ]);
    expect([await digest('dev'), await digest('1')]).toEqual([before, before]);
    noteFaults([
      {
        fault: 'a tag that serves a platform more',
        stage: 'environment',
        exit: lost.code,
        message: messageOf(lost),
        left: await leftovers(lost.evidence),
      },
    ]);

    const allowed = await runIn(folder, [...push, '--config', 'allowed.yml']);
    expect(allowed.code).toBe(0);
    expect(allowed.evidence?.findings.map(({ code, subject }) => [code, subject.tag])).toEqual([
      ['platform-lost', '1'],
    ]);
    expect(sentences(allowed.stdout)).toContain('a push of linux/amd64 alone loses linux/arm64.');
    expect(allowed.evidence?.environment?.tags).toMatchObject(
      ['dev', '1'].map((tag) => ({ tag, exists: 'yes', digest: before, platforms: BOTH })),
    );
    expect([await digest('dev'), await digest('1')]).not.toContain(before);
  }, 120_000);
});
