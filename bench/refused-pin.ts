import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Sample, timed } from './measure.js';
import { buildpackLayouts, CLI, environment, folder } from './rig.js';

/** Pushes an image of the rig's; its reference by digest. */
export async function push(name: string, host: string): Promise<string> {
  const args = ['push', join(buildpackLayouts(), name), `${host}/bench/${name}:1`];
  const { stdout } = await timed({ file: 'crane', args, env: environment });
  return stdout.trim();
}

interface Builds {
  readonly builder: string;
  readonly runImage: string;
}

/** A pin that a builder does not offer, refused before anything is built. */
export async function refused(
  { builder, runImage }: Builds,
  {
    platforms,
    command = 'run',
  }: { readonly platforms: readonly string[]; readonly command?: string },
): Promise<Sample> {
  const cwd = folder();
  mkdirSync(join(cwd, 'app'));
  writeFileSync(join(cwd, 'app', '.python-version'), '3.14\n');
  writeFileSync(
    join(cwd, 'sea-trial.yml'),
    `images:
  - name: example.org/bench/refused
    platforms: [${platforms.map((one) => `linux/${one}`).join(', ')}]
    build: { context: app, buildpack: { builder: '${builder}', run-image: '${runImage}' } }
`,
  );
  return timed({ file: process.execPath, args: [CLI, command], cwd, env: environment, codes: [1] });
}
