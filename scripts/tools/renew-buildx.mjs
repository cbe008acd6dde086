// Renews the table of buildx's checksums (src/builder/tools/buildx-releases.ts):
//
//   node scripts/tools/renew-buildx.mjs [--api URL] [--file PATH]
//
// From GitHub's releases of docker/buildx it adds the newest release of each minor version
// that is not older than the table. What GitHub says of a file has to agree with the
// release's own checksums.txt, and what the table already says stays: a released file that
// has changed ends this with an error. GITHUB_TOKEN is used where it is set.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

const { values } = parseArgs({
  options: {
    api: { type: 'string', default: 'https://api.github.com' },
    file: {
      type: 'string',
      default: join(import.meta.dirname, '../../src/builder/tools/buildx-releases.ts'),
    },
  },
});

/** Systems that Docker's client and this program run on. */
const ASSET = /^buildx-v[\d.]+\.((?:linux|darwin)-[a-z0-9-]+)$/;

const parts = (version) => version.split('.').map(Number);

function newestFirst(a, b) {
  const [left, right] = [parts(a), parts(b)];
  const i = [0, 1, 2].find((one) => left[one] !== right[one]);
  return i === undefined ? 0 : right[i] - left[i];
}

async function get(url, accept) {
  const token = process.env.GITHUB_TOKEN;
  const mine = url.startsWith(values.api) && token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch(url, { headers: { accept, ...mine } });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}.`);
  return answer;
}

/** Version → release, full releases only, the newest of each minor version. */
async function newestOfMinors() {
  const url = `${values.api}/repos/docker/buildx/releases?per_page=100`;
  const releases = await (await get(url, 'application/vnd.github+json')).json();
  const full = releases
    .filter(
      ({ draft, prerelease, tag_name: tag }) =>
        !draft && !prerelease && /^v\d+\.\d+\.\d+$/.test(tag),
    )
    .map((release) => [release.tag_name.slice(1), release])
    .sort(([a], [b]) => newestFirst(a, b));
  const minor = (version) => version.replace(/\.\d+$/, '');
  return full.filter(
    ([version], i) => full.findIndex(([other]) => minor(other) === minor(version)) === i,
  );
}

/** Name → SHA-256 of a release's programs; an error where its two sources do not agree. */
async function checksums(version, { assets }) {
  const listed = assets.find(({ name }) => name === 'checksums.txt');
  if (listed === undefined) throw new Error(`v${version} has no checksums.txt.`);
  const text = await (await get(listed.browser_download_url, '*/*')).text();
  const sums = new Map(
    [...text.matchAll(/^([0-9a-f]{64}) [ *](\S+)$/gm)].map(([, sum, name]) => [name, sum]),
  );
  const found = new Map();
  for (const { name, digest } of assets) {
    const platform = ASSET.exec(name)?.[1];
    if (platform === undefined) continue;
    const sum = sums.get(name);
    if (sum === undefined) throw new Error(`checksums.txt of v${version} does not name ${name}.`);
    if (digest != null && digest !== `sha256:${sum}`) {
      throw new Error(`${name} is ${digest} to GitHub, and sha256:${sum} in checksums.txt.`);
    }
    found.set(platform, sum);
  }
  return found;
}

/** What is known, with what was found; a known checksum never changes. */
function merged(version, known = new Map(), found) {
  for (const [platform, sum] of found) {
    const before = known.get(platform);
    if (before !== undefined && before !== sum) {
      throw new Error(`${platform} of v${version} was ${before} and is now ${sum}.`);
    }
  }
  return new Map([...known, ...found].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function render(head, table) {
  const releases = [...table].map(([version, assets]) => {
    const lines = [...assets].map(([platform, sum]) => `      ['${platform}', '${sum}'],\n`);
    return `  [\n    '${version}',\n    new Map([\n${lines.join('')}    ]),\n  ],\n`;
  });
  return `${head}new Map([\n${releases.join('')}]);\n`;
}

const text = readFileSync(values.file, 'utf8');
const { BUILDX_RELEASES: known } = await import(pathToFileURL(values.file).href);
const oldest = [...known.keys()].sort(newestFirst).at(-1);
const table = new Map(known);
try {
  for (const [version, release] of await newestOfMinors()) {
    if (newestFirst(version, oldest) > 0) continue;
    table.set(version, merged(version, known.get(version), await checksums(version, release)));
  }
  const sorted = [...table].sort(([a], [b]) => newestFirst(a, b));
  const renewed = render(text.slice(0, text.indexOf('new Map([')), sorted);
  if (renewed !== text) writeFileSync(values.file, renewed);
  const added = [...table.keys()].filter((version) => !known.has(version));
  console.log(
    renewed === text
      ? 'The table is up to date.'
      : `The table is written; new: ${added.join(', ') || 'no version'}.`,
  );
} catch (error) {
  console.error(`The table was left as it is: ${error.message}`);
  process.exitCode = 1;
}
