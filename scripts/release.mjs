// What the release workflow asks of the tree that a tag names:
//
//   release.mjs check TAG   fails unless TAG is v + the version of package.json, and the changelog has it
//   release.mjs notes TAG   prints the changelog's section of that version
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const read = (name) => readFileSync(join(root, name), 'utf8');

const [, , command, tag = ''] = process.argv;
const { version } = JSON.parse(read('package.json'));
const sections = read('CHANGELOG.md').split(/^## /m);
const section = sections.find((one) => [version, `[${version}]`].includes(one.split(/\s/, 1)[0]));

const problems = [];
if (tag !== `v${version}`) {
  problems.push(
    `The tag is "${tag}", and package.json has the version ${version}: tag v${version}.`,
  );
}
if (section === undefined) {
  problems.push(`CHANGELOG.md has no section for ${version}: give "Unreleased" that heading.`);
}
if (problems.length > 0) {
  console.error(problems.join('\n'));
  process.exitCode = 1;
} else if (command === 'notes') console.log(section.slice(section.indexOf('\n')).trim());
else console.log(`${tag} is the version of package.json, and the changelog has it.`);
