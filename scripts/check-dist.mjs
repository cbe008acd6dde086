// Proves that dist/ is what the sources make: builds twice, compares the two builds
// with each other, with dist/, and dist/ with what is committed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');

const digest = (folder) => {
  const hash = createHash('sha256');
  for (const name of readdirSync(folder).sort()) {
    hash.update(name).update(readFileSync(join(folder, name)));
  }
  return hash.digest('hex');
};
const build = (folder) => {
  const args = [join(root, 'scripts', 'build.mjs'), folder];
  execFileSync(process.execPath, args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
  return digest(folder);
};
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });

const fail = (sentence) => {
  console.error(sentence);
  process.exitCode = 1;
};

mkdirSync(join(root, 'build'), { recursive: true });
const folder = mkdtempSync(join(root, 'build', 'check-'));
try {
  const [first, second] = [build(join(folder, 'first')), build(join(folder, 'second'))];
  const changed = git('status', '--porcelain', '--', 'dist').trim();
  if (first !== second) fail('Two builds of the same sources differ.');
  else if (digest(join(root, 'dist')) !== first) {
    fail('dist/ is not what the sources make; run "npm run bundle" and commit it.');
  } else if (changed !== '') fail(`dist/ is not committed:\n${changed}`);
  else console.log('dist/ is what the sources make, twice the same.');
} finally {
  rmSync(folder, { recursive: true });
}
