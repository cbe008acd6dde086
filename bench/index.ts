import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, release, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { buildpacks } from './buildpacks.js';
import { fullEngine } from './full-engine.js';
import { pins } from './pins.js';
import { pipeline } from './pipeline.js';
import { readBack } from './read-back.js';
import { docker, ROOT, store, undo } from './rig.js';
import { scale } from './scale.js';
import { start } from './start.js';
import { between, type Conditions, type Findings, section } from './table.js';

/*
 *   npm run bench [-- PART… [--rounds N] [--cold N] [--peers FOLDER] [--before FOLDER]]
 *
 * Measures, keeps every sample in bench/results/, and writes the parts' sections
 * of docs/performance.md.
 */

interface Asked {
  readonly rounds?: number;
  /** Rounds of what takes a new build; 0 leaves them out. */
  readonly cold?: number;
  readonly peers?: string;
  /** A folder with the bundle of before. */
  readonly before?: string;
}

const PARTS: Readonly<Record<string, (asked: Asked) => Promise<Findings>>> = {
  start,
  'read-back': readBack,
  pipeline,
  'full-engine': fullEngine,
  scale,
  buildpacks,
  pins,
};
const PAGE = join(ROOT, 'docs', 'performance.md');
const RESULTS = join(ROOT, 'bench', 'results');

function load(): string {
  return (loadavg()[0] ?? Number.NaN).toFixed(1);
}

async function software(): Promise<string> {
  const versions = await docker('version', '--format', '{{.Client.Version}}, {{.Server.Version}}');
  const buildx = (await docker('buildx', 'version')).split(' ')[1];
  return `Node ${process.versions.node}, docker client and engine ${versions} with the ${await store()} store, buildx ${buildx}`;
}

function machine(): string {
  const memory = Math.round(totalmem() / 1024 ** 3);
  return `${cpus().length} × ${cpus()[0]?.model ?? 'unknown'}, ${memory} GiB, Linux ${release()}`;
}

async function measure(name: string, part: (asked: Asked) => Promise<Findings>, asked: Asked) {
  const before = load();
  const date = new Date().toISOString().slice(0, 16).replace('T', ' ');
  const findings = await part(asked);
  const conditions: Conditions = {
    date: `${date} UTC`,
    machine: machine(),
    software: await software(),
    load: `${before}, ${load()}`,
  };
  mkdirSync(RESULTS, { recursive: true });
  const file = join(RESULTS, `${date.replace(/\D/g, '')}-${name}.json`);
  writeFileSync(
    file,
    `${JSON.stringify({ part: name, ...conditions, ...findings }, undefined, 2)}\n`,
  );
  const text = section(findings, conditions);
  writeFileSync(PAGE, between(readFileSync(PAGE, 'utf8'), name, text));
  console.log(`# ${name}\n\n${text}\n`);
}

function read(): { readonly parts: readonly string[]; readonly asked: Asked } {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string' },
      cold: { type: 'string' },
      peers: { type: 'string' },
      before: { type: 'string' },
    },
  });
  const { rounds, cold, peers, before } = values;
  if (rounds !== undefined && !/^[1-9]\d*$/.test(rounds)) {
    throw new Error(`--rounds takes a number from 1 on, not ${rounds}.`);
  }
  if (cold !== undefined && !/^\d+$/.test(cold)) {
    throw new Error(`--cold takes a number, not ${cold}.`);
  }
  const strange = positionals.filter((part) => !Object.hasOwn(PARTS, part));
  if (strange.length > 0) {
    const known = Object.keys(PARTS).join(', ');
    throw new Error(`There is no part ${strange.join(', ')}; there are ${known}.`);
  }
  return {
    parts: positionals.length === 0 ? Object.keys(PARTS) : positionals,
    asked: {
      ...(rounds === undefined ? {} : { rounds: Number(rounds) }),
      ...(cold === undefined ? {} : { cold: Number(cold) }),
      ...(peers === undefined ? {} : { peers }),
      ...(before === undefined ? {} : { before }),
    },
  };
}

const { parts, asked } = read();
for (const name of parts) {
  const part = PARTS[name];
  if (part === undefined) continue;
  try {
    await measure(name, part, asked);
  } finally {
    await undo();
  }
}
