import { EngineError } from '../engine/index.js';
import { ownBuilderName, RUN_LABEL, removeBuilder } from '../environment/index.js';
import { childEnvironment, type Ports } from '../ports/index.js';

type World = Pick<Ports, 'exec' | 'env' | 'files'>;

async function docker(world: World, args: readonly string[]): Promise<readonly string[]> {
  const output = await world.exec.run({
    file: 'docker',
    args,
    env: childEnvironment(world.env),
  });
  if (output.code === 0) return output.stdout.split('\n').filter((line) => line !== '');
  const said = output.stderr.trim().slice(0, 2000) || (output.notStarted ?? 'no word');
  throw new EngineError('failed', `docker ${args[0]} failed: ${said}`, said);
}

async function containers(filter: string, world: World): Promise<string | undefined> {
  const found = await docker(world, ['ps', '--all', '--quiet', '--no-trunc', '--filter', filter]);
  if (found.length === 0) return undefined;
  await docker(world, ['rm', '--force', '--volumes', ...found]);
  return found.length === 1
    ? 'A container of the run that was ended is removed.'
    : `${found.length} containers of the run that was ended are removed.`;
}

async function builder(name: string, world: World): Promise<string | undefined> {
  const found = await docker(world, [
    'ps',
    '--all',
    '--quiet',
    '--filter',
    `name=buildx_buildkit_${name}`,
  ]);
  if (found.length === 0) return undefined;
  await removeBuilder(name, world);
  return `The builder ${name} is removed.`;
}

async function images(filter: string, world: World): Promise<undefined> {
  await docker(world, ['image', 'prune', '--all', '--force', '--filter', filter]);
}

/**
 * Removes what a run with that id has left in the engine when it was killed:
 * its containers, its builder, the images that prove platforms. Answers a
 * sentence for each thing that was done or could not be done; never rejects,
 * since nothing after it depends on it.
 */
export async function sweep(run: string, world: World): Promise<readonly string[]> {
  const filter = `label=${RUN_LABEL}=${run}`;
  const sentences: string[] = [];
  // Containers first: an image that one of them uses stays.
  for (const step of [
    () => containers(filter, world),
    () => builder(ownBuilderName(run), world),
    () => images(filter, world),
  ]) {
    try {
      const sentence = await step();
      if (sentence !== undefined) sentences.push(sentence);
    } catch (error) {
      sentences.push(`Something of the run may be left: ${(error as Error).message}`);
    }
  }
  return sentences;
}
