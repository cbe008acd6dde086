import { describe, expect, test } from '@jest/globals';
import { removeBuildCaches, unknownOfPack } from '../../src/cleanup/index.js';
import { machine } from './machine.js';

const cache = (digit: string) => `sea-trial-cache-${digit.repeat(32)}`;

describe('the caches of builds', () => {
  test('are removed by their whole names, and nothing beside them', async () => {
    const listed = [cache('a'), 'sea-trial-cache-of-mine', cache('b')];
    const { ports, commands } = machine({
      answers: { 'volume ls': { stdout: listed.join('\n') } },
    });
    expect(await removeBuildCaches(ports)).toEqual({
      removed: ['2 caches of builds with buildpacks removed'],
      problems: [],
    });
    const removing = commands.filter((line) => / rm /.test(line));
    expect(removing).toEqual(['a', 'b'].map((digit) => `unix:///e.sock volume rm ${cache(digit)}`));
  });

  test('that a build is using stay, and are a problem', async () => {
    const { ports } = machine({
      answers: {
        'volume ls': { stdout: cache('a') },
        'volume rm': { code: 1, stderr: 'Error response from daemon: volume is in use - [1]' },
      },
    });
    expect(await removeBuildCaches(ports)).toEqual({
      removed: [],
      problems: [
        `the cache ${cache('a')} remains: docker volume failed: Error response from daemon: volume is in use - [1]`,
      ],
    });
  });

  test('are a problem where the engine does not answer', async () => {
    const { ports } = machine({ answers: { 'volume ls': { code: 1, stderr: 'no daemon' } } });
    const { problems } = await removeBuildCaches(ports);
    expect(problems).toEqual(['caches of builds may be left: docker volume ls failed: no daemon']);
  });
});

describe('what pack left and nothing tells whose it is', () => {
  test('is told, and stays', async () => {
    const { ports, commands } = machine({
      answers: {
        'volume ls': { stdout: 'pack-app-abcdefghij\npack-layers-abcdefghij\n' },
        images: { stdout: 'pack.local/builder/75637a:latest\n' },
      },
    });
    expect(await unknownOfPack(ports)).toBe(
      'Left in place, because nothing tells which build made it: 2 volumes and 1 image of pack (pack-app-abcdefghij, …). If no pack is running, docker volume rm and docker image rm remove that.',
    );
    expect(commands.filter((line) => / rm /.test(line))).toEqual([]);
  });

  test.each([
    ['volumes', 'volume ls', 'images', 'pack.local/builder/75637a:latest', '1 image'],
    ['images', 'images', 'volume ls', 'pack-app-abcdefghij', '1 volume'],
  ])('is told as far as it can be seen, without %s', async (_, failing, other, name, words) => {
    const { ports } = machine({
      answers: { [failing]: { code: 1, stderr: 'no daemon' }, [other]: { stdout: `${name}\n` } },
    });
    expect(await unknownOfPack(ports)).toContain(`made it: ${words} of pack (${name}).`);
  });

  test('is not told where there is nothing, or the engine does not answer', async () => {
    expect(await unknownOfPack(machine().ports)).toBeUndefined();
    const silent = machine({ answers: { '': { code: 1 } } });
    expect(await unknownOfPack(silent.ports)).toBeUndefined();
  });
});
