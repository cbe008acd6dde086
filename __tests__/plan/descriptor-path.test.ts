import { describe, expect, test } from '@jest/globals';
import type { ImageEntry } from '../../src/config/index.js';
import {
  type BuildpackParts,
  descriptorPath,
  isInContext,
  mayRead,
} from '../../src/plan/descriptor-path.js';
import type { Files } from '../../src/ports/index.js';
import { UNTRUSTED } from '../config/memory.js';

const at = { file: 'sea-trial.yml', line: 1, column: 1 };

describe('the descriptor of a build', () => {
  test.each<[string, string | undefined, string, boolean]>([
    ['.', undefined, 'project.toml', true],
    ['app', undefined, 'app/project.toml', true],
    ['..', undefined, '../project.toml', true],
    ['app', 'app/project.toml', 'app/project.toml', true],
    ['app', 'project.toml', 'project.toml', false],
    ['.', 'other.toml', 'other.toml', false],
  ])('in %s, named as %s, is %s; in the context: %s', (context, named, path, isInside) => {
    const build = {
      context: { value: context, at },
      ...(named === undefined ? {} : { descriptor: { value: named, at } }),
    } as BuildpackParts;
    expect(descriptorPath(build)).toEqual({ value: path, at });
    expect(isInContext(build)).toBe(isInside);
  });
});

describe('what may be read', () => {
  /** Only the links are there; the configuration stands in a repository above the root. */
  const files = {
    look: async (path: string) => (path.endsWith('link') ? { kind: 'symlink' } : undefined),
  } as unknown as Files;
  const scope = { root: '/work/app', workspace: '/work', files };
  const TRUSTED = { trust: { untrusted: false, pushes: true, reason: '' } } as const;
  const image = (fromInputs: boolean) => ({ fromInputs }) as ImageEntry;

  // In a file; then from the inputs of a trusted run, and of an untrusted one.
  test.each<[string, boolean, boolean, boolean]>([
    ['project.toml', true, true, true],
    ['../project.toml', true, true, true],
    ['../../project.toml', false, true, true],
    ['/opt/link', false, true, true],
    ['link', false, true, false],
    ['link/project.toml', false, true, false],
    ['../link', false, true, true],
  ])('%s: %s, %s, %s', async (path, inFile, trusted, untrusted) => {
    const read = (fromInputs: boolean, { trust }: typeof TRUSTED | typeof UNTRUSTED) =>
      mayRead(path, image(fromInputs), { grants: ['mounts'], trust }, scope);
    expect(await read(false, TRUSTED)).toBe(inFile);
    expect(await read(false, UNTRUSTED)).toBe(inFile);
    expect(await read(true, TRUSTED)).toBe(trusted);
    expect(await read(true, UNTRUSTED)).toBe(untrusted);
    const granted = { grants: ['contexts'], trust: UNTRUSTED.trust };
    for (const one of [true, false]) {
      expect(await mayRead(path, image(one), granted, scope)).toBe(true);
    }
  });
});
