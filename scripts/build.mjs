// Makes dist/ (or another folder, given as argument): the sources compiled, put into one
// bundle with the licences of its parts, behind three small doors. Two builds of the same
// sources are identical. The folder is replaced whole, at the end.
import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { minifySync } from '@swc/core';

const root = join(import.meta.dirname, '..');
const wanted = resolve(process.argv[2] ?? join(root, 'dist'));

const run = (cwd, program, ...args) =>
  execFileSync(join(root, 'node_modules', '.bin', program), args, { cwd, stdio: 'inherit' });

/** Folders of the packages of which something is in the bundle, from the bundler's list of modules. */
const bundledPackages = () => {
  const { modules } = JSON.parse(readFileSync(join(folder, 'stats.json'), 'utf8'));
  // Where several modules became one, it lists them.
  const names = modules.flatMap(({ name, modules: parts = [] }) => [
    name,
    ...parts.map((part) => part.name),
  ]);
  const paths = names.flatMap(
    (name) => /node_modules\/(?:.*\/node_modules\/)?(?:@[^/]+\/)?[^/]+/.exec(name)?.[0] ?? [],
  );
  return [...new Set(paths)].map((path) => join(root, path));
};

/** Name, licence and its text of each of them. The bundler itself would name those of one chunk. */
const licences = () => {
  const texts = bundledPackages().map((path) => {
    const { name, license } = JSON.parse(readFileSync(join(path, 'package.json'), 'utf8'));
    const file = readdirSync(path).find((one) => /^licen[cs]e/i.test(one));
    const text = file === undefined ? '' : readFileSync(join(path, file), 'utf8').trim();
    return [name, `${name}\n${license}\n${text}\n`];
  });
  const each = new Map(texts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  return [...each.values()].join('\n');
};

// Inside the tree, since the bundler looks for packages from here upwards.
mkdirSync(join(root, 'build'), { recursive: true });
const folder = mkdtempSync(join(root, 'build', 'bundle-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
const dist = join(folder, 'dist');
run(root, 'tsc', '-p', 'tsconfig.build.json', '--outDir', folder);
// In that folder, since the names of the chunks come from paths relative to the working directory.
run(
  folder,
  'ncc',
  'build',
  join('src', 'bundle.js'),
  '-o',
  'dist',
  '--minify',
  // Its cache is shared by all checkouts of a user, and a build must depend on nothing but its sources.
  '--no-cache',
  '--stats-out',
  join(folder, 'stats.json'),
  '-q',
);
writeFileSync(join(dist, 'licenses.txt'), licences());
// The bundler minifies the first chunk only.
for (const name of readdirSync(dist).filter((file) => file.endsWith('.index.js'))) {
  const chunk = join(dist, name);
  const options = { module: true, format: { comments: false } };
  writeFileSync(chunk, minifySync(readFileSync(chunk, 'utf8'), options).code);
}

// Node keeps the compiled bundle between starts, which halves the time to the first line: with
// other things that are kept, not in the temporary folder, where a run leaves nothing. It makes
// no home: for one below /proc it would try without end.
// The young generation of the heap stays as small as it begins: growing, it takes a hundred megabytes
// in a run of many trials and makes none of them faster.
// What nobody caught is printed without its source line, which here is the whole bundle.
const door = (name) => `const { enableCompileCache } = await import('node:module');
const { setFlagsFromString } = await import('node:v8');
const { existsSync } = await import('node:fs');
setFlagsFromString('--semi-space-growth-factor=1');
const { HOME, XDG_CACHE_HOME: kept } = process.env;
if (existsSync(kept || HOME || '')) enableCompileCache?.((kept || HOME + '/.cache') + '/sea-trial/node');
const { ${name} } = await import('./index.js');
try {
  await ${name}();
} catch (error) {
  console.error('sea-trial itself failed; please report this:', error);
  process.exitCode = 3;
}
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

rmSync(wanted, { recursive: true, force: true });
renameSync(dist, wanted);
console.log(readdirSync(wanted).sort().join('  '));
