// Renews the table of the Python versions that heroku/python offers
// (src/buildpacks/offers/heroku-python.json):
//
//   node scripts/tools/renew-heroku-python.mjs [--source URL-OR-FOLDER] [--file PATH]
//
// The versions are constants of the buildpack's source (src/python_version.rs), and stand in no
// file of its image; the tags of its repository are read, oldest first. A row holds from its
// buildpack version on, until the next. Before the first row any version was tried.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

const REPOSITORY = 'https://github.com/heroku/buildpacks-python';
const { values } = parseArgs({
  options: {
    source: { type: 'string', default: `${REPOSITORY}.git` },
    file: {
      type: 'string',
      default: join(import.meta.dirname, '../../src/buildpacks/offers/heroku-python.json'),
    },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'heroku-python-'));
const clone = existsSync(values.source) ? values.source : folder;
const git = (...args) =>
  execFileSync('git', ['-C', clone, ...args], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    stdio: ['ignore', 'pipe', 'ignore'],
  });

function sourceAt(tag) {
  try {
    return git('show', `${tag}:src/python_version.rs`);
  } catch {
    return '';
  }
}

try {
  if (clone === folder) {
    execFileSync('git', ['clone', '--quiet', '--bare', values.source, folder], {
      stdio: 'inherit',
    });
  }
  const tags = git('tag', '--list', 'v*', '--sort=v:refname').trim().split('\n');
  const rows = [];
  for (const tag of tags) {
    const minors = [...sourceAt(tag).matchAll(/const LATEST_PYTHON_(\d+)_(\d+):/g)]
      .map(([, major, minor]) => `${major}.${minor}`)
      .sort((a, b) => a.localeCompare(b, 'en', { numeric: true }));
    if (minors.length > 0 && String(rows.at(-1)?.minors) !== String(minors)) {
      rows.push({ from: tag.slice(1), minors });
    }
  }
  if (rows.length === 0) throw new Error(`${values.source} has no tag whose versions are known.`);
  const table = {
    buildpack: 'heroku/python',
    source: `${REPOSITORY}, src/python_version.rs of each tag`,
    renewedBy: 'node scripts/tools/renew-heroku-python.mjs',
    newest: tags.at(-1).slice(1),
    rows,
  };
  writeFileSync(values.file, `${JSON.stringify(table, null, 2)}\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
