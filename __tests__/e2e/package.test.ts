import { execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { root } from './harness.js';

/* The package as npm makes and installs it, and what a release is made from. */

const folder = mkdtempSync(join(tmpdir(), 'sea-trial-package-'));
afterAll(() => rmSync(folder, { recursive: true }));

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));

function npm(cwd: string, ...args: readonly string[]): string {
  const quiet = { npm_config_update_notifier: 'false', npm_config_fund: 'false' };
  const env = { ...process.env, ...quiet };
  return execFileSync('npm', args, {
    cwd,
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

test('the package holds the bundle, its licences and the README, and runs where it is installed', () => {
  const [{ filename, files }] = JSON.parse(
    npm(root, 'pack', '--json', '--pack-destination', folder),
  );
  expect(files.map(({ path }: { path: string }) => path).sort()).toEqual(
    [
      'LICENSE',
      'README.md',
      'action.yml',
      'package.json',
      ...readdirSync(join(root, 'dist')).map((name) => `dist/${name}`),
    ].sort(),
  );
  writeFileSync(join(folder, 'package.json'), '{}');
  npm(folder, 'install', '--offline', '--no-audit', join(folder, filename));
  expect(readdirSync(join(folder, 'node_modules')).filter((name) => !name.startsWith('.'))).toEqual(
    ['sea-trial'],
  );
  expect(npm(folder, 'exec', '--offline', 'sea-trial', '--', '--version').trim()).toContain(
    manifest.version,
  );
});

test('npm does not install what development needs for a package from Git', () => {
  expect(manifest.dependencies).toBeUndefined();
  const makers = ['build', 'prepare', 'prepack', 'install', 'preinstall', 'postinstall'];
  expect(Object.keys(manifest.scripts).filter((name) => makers.includes(name))).toEqual([]);
});

test('what is bundled waits for a person when Renovate moves it', () => {
  const licences = readFileSync(join(root, 'dist', 'licenses.txt'), 'utf8');
  const bundled = Object.keys(manifest.devDependencies).filter((name) =>
    new RegExp(`^${name}$`, 'm').test(licences),
  );
  const { packageRules } = JSON.parse(readFileSync(join(root, 'renovate.json'), 'utf8'));
  expect(packageRules[0]).toMatchObject({ automerge: false, matchPackageNames: bundled.sort() });
  expect(packageRules[1].excludePackageNames).toEqual(expect.arrayContaining(bundled));
});

test.each([
  ['v0.0.0', 'package.json has the version'],
  [manifest.version, `tag v${manifest.version}`],
])('a release of %s is refused', (tag, words) => {
  const args = [join(root, 'scripts', 'release.mjs'), 'check', tag];
  expect(() => execFileSync(process.execPath, args, { stdio: 'pipe' })).toThrow(words);
});
