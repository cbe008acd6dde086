// Makes dist/: the sources compiled, put into one bundle with the licences of its
// parts, behind three small doors. Two builds of the same sources are identical.
import { execFileSync } from 'node:child_process';
import { chmodSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');

const run = (program, ...args) =>
  execFileSync(join(root, 'node_modules', '.bin', program), args, { cwd: root, stdio: 'inherit' });

rmSync(join(root, 'build'), { recursive: true, force: true });
rmSync(dist, { recursive: true, force: true });
run('tsc', '-p', 'tsconfig.build.json');
run('ncc', 'build', 'build/src/bundle.js', '-o', 'dist', '--minify', '--license', 'licenses.txt', '-q');

// Node keeps the compiled bundle between starts, which halves the time to the first line.
const door = (name) => `const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const { ${name} } = await import('./index.js');
await ${name}();
`;
// The runner brings its own Node; on a command line an old one is told in words.
const cli = `#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(\`sea-trial needs Node 22.15 or later; this is \${process.versions.node}.\`);
  process.exit(2);
}
`;
for (const name of ['main', 'post']) writeFileSync(join(dist, `${name}.js`), door(name));
writeFileSync(join(dist, 'cli.js'), cli + door('cli'));
chmodSync(join(dist, 'cli.js'), 0o755);

console.log(readdirSync(dist).sort().join('  '));
