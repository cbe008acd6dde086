import { readRules } from '../../src/dockerfile/index.js';
import type { DockerfileImage, Finding } from '../../src/evidence/index.js';
import { adviceOnDockerfile } from '../../src/plan/dockerfile-advice.js';
import type { DockerfileSources } from '../../src/plan/dockerfile-sources.js';
import { memoryFiles } from '../config/memory.js';
import { plannedBuild, plannedImage } from '../plans.js';

/** What a Dockerfile is built with, where it is not a plain build for two platforms. */
export interface AdviceSources {
  readonly build?: Parameters<typeof plannedBuild>[0];
  readonly image?: Partial<DockerfileImage>;
  readonly platforms?: readonly string[];
  readonly ignore?: string;
  readonly configuration?: string;
  readonly places?: Partial<DockerfileSources['places']>;
  /** The files of the checkout; without them, nothing is missing. */
  readonly files?: Readonly<Record<string, string>>;
}

const EVERYTHING = { look: async () => ({ kind: 'file' }) } as unknown as ReturnType<
  typeof memoryFiles
>;

/** What a plan says of a Dockerfile with these lines. */
export function advice(
  lines: readonly string[],
  sources: AdviceSources = {},
): Promise<readonly Finding[]> {
  const { platforms = ['linux/amd64', 'linux/arm64'], ignore = '', configuration } = sources;
  const build = plannedBuild({ args: {}, ...sources.build });
  const image = { ...plannedImage({ id: 'greeter', platforms, ...sources.image }), build };
  const { files } = sources;
  return adviceOnDockerfile(
    {
      image: image as DockerfileImage & { readonly build: typeof build },
      text: lines.join('\n'),
      texts: [lines.join('\n')],
      ignore: { file: '.dockerignore', rules: readRules(ignore) },
      configuration,
      places: { args: new Map(), secrets: new Map(), ...sources.places },
    },
    {
      root: '/work',
      files: files === undefined ? EVERYTHING : memoryFiles({ ...files, '.dockerignore': ignore }),
    },
  );
}

/** Findings with one code, as `line message`, and what to do. */
export async function found(
  code: Finding['code'],
  ...asked: Parameters<typeof advice>
): Promise<readonly (readonly [string, Finding['remedy']])[]> {
  const all = await advice(...asked);
  return all
    .filter((one) => one.code === code)
    .map(({ message, location, remedy }) => [`${location?.line ?? ''} ${message}`, remedy]);
}
