import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { actionYml } from './action-yml.ts';
import { compatibilityPage } from './compatibility.ts';
import { configurationPage, lockPage } from './configuration.ts';
import { evidencePage } from './evidence-page.ts';
import { faultsPage } from './faults.ts';
import { findingsPage } from './findings.ts';
import { inputRows, inputsPage, outputRows } from './inputs.ts';
import { between } from './markdown.ts';
import { configurationSchema, lockSchema } from './schema.ts';

/*
 * Writes what is made from the tables in src/: action.yml, the reference pages
 * and the README's tables; and the pages of what tests have noted. With --check it writes nothing and fails where a
 * file is not what the tables say.
 */

const root = join(import.meta.dirname, '..', '..');

function read(path: string): string {
  try {
    return readFileSync(join(root, path), 'utf8');
  } catch {
    return '';
  }
}

const files: ReadonlyMap<string, string> = new Map([
  ['action.yml', actionYml()],
  ['docs/compatibility.md', compatibilityPage()],
  ['docs/faults.md', faultsPage()],
  ['docs/reference/configuration.md', configurationPage()],
  ['docs/reference/evidence.md', evidencePage()],
  ['docs/reference/findings.md', findingsPage()],
  ['docs/reference/inputs.md', inputsPage()],
  ['docs/reference/lock.md', lockPage()],
  ['docs/reference/sea-trial-lock.schema.json', lockSchema()],
  ['docs/reference/sea-trial.schema.json', configurationSchema()],
  [
    'README.md',
    between(between(read('README.md'), 'inputs', inputRows()), 'outputs', outputRows()),
  ],
]);

const stale = [...files].filter(([path, text]) => read(path) !== text).map(([path]) => path);

if (!process.argv.includes('--check')) {
  for (const path of stale) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), files.get(path) ?? '');
    console.log(`${path} is written.`);
  }
} else if (stale.length > 0) {
  console.error(
    `Not what src/ and the notes of tests say; run "npm run docs" and commit: ${stale.join(', ')}`,
  );
  process.exitCode = 1;
} else console.log(`${files.size} generated files are what src/ and the notes of tests say.`);
