import { posix } from 'node:path';
import { builtChain, type StageStep, stagesOf } from '../dockerfile/index.js';
import { appliesTo, type Finding, finding, type PlannedTest } from '../evidence/index.js';
import { runsInContainer } from '../kinds/index.js';
import { buildingOf, type DockerfileSources } from './dockerfile-sources.js';

const SHELL = '/bin/sh';

/** Whether something at a path may be the shell, or hold it. */
function mayHoldShell(path: string): boolean {
  return path === '/' || path === SHELL || SHELL.startsWith(`${path}/`);
}

/** Whether steps on top of nothing may put a shell there. */
function mayAddShell(steps: readonly StageStep[]): boolean {
  let folder = '/';
  for (const step of steps) {
    if (step.keyword === 'RUN') return true;
    if (step.keyword === 'WORKDIR') {
      if (/[$"'\\\n]/.test(step.text)) return true;
      folder = posix.resolve(folder, step.text);
    }
    if (step.keyword !== 'COPY' && step.keyword !== 'ADD') continue;
    const destination = step.paths?.destination;
    if (destination === undefined || destination.includes('$')) return true;
    if (mayHoldShell(posix.resolve(folder, destination))) return true;
  }
  return false;
}

/** A test that the image's own shell runs. */
function needsShell(test: PlannedTest): boolean {
  const { run, mounts } = test;
  const isText = runsInContainer(test) && run !== undefined && 'shell' in run;
  return isText && !mounts.some(({ target }) => mayHoldShell(posix.resolve('/', target)));
}

/** Tests that are texts, of an image on `scratch` that surely has no shell. */
export function missingShell({ image, text }: DockerfileSources): readonly Finding[] {
  const building = buildingOf(image);
  const chain = builtChain(stagesOf(text, building), building);
  const root = chain.at(-1);
  const isBare = root?.from === 'scratch' && building.contexts.length === 0;
  if (!isBare || chain.some(({ triggers }) => triggers)) return [];
  if (mayAddShell(chain.toReversed().flatMap(({ steps }) => steps))) return [];
  return image.tests
    .filter((test) => image.platforms.some((platform) => appliesTo(test, platform)))
    .filter(needsShell)
    .map(({ name, location = image.location }) =>
      finding(
        'no-shell',
        { image: image.id, test: name },
        `Test "${name}" is written as text, which ${SHELL} of the image runs; ${image.build.file} starts from scratch and puts no shell there.`,
        location === undefined ? {} : { location },
      ),
    );
}
