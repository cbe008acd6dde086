// Proves that dist/ is what the sources make: builds twice, compares the two builds
// with each other and with what is committed.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const digest = () => {
  const hash = createHash('sha256');
  for (const name of readdirSync(dist).sort()) hash.update(name).update(readFileSync(join(dist, name)));
  return hash.digest('hex');
};
const build = () => {
  execFileSync(process.execPath, ['scripts/build.mjs'], { cwd: root, stdio: 'inherit' });
  return digest();
};
const git = (...args) => execFileSync('git', args, { cwd: root, encoding: 'utf8' });

const [first, second] = [build(), build()];
if (first !== second) {
  console.error('Two builds of the same sources differ.');
  process.exit(1);
}
const changed = git('status', '--porcelain', '--', 'dist').trim();
if (changed !== '') {
  console.error(`dist/ is not what the sources make; run "npm run build" and commit it:\n${changed}`);
  process.exit(1);
}
console.log('dist/ is what the sources make, twice the same.');
