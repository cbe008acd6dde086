import { dockerContexts, lostContexts } from '../engine/index.js';
import type { Problem } from '../evidence/index.js';
import { NOT_A_FILE, type Ports } from '../ports/index.js';
import type { BuilderOptions } from './options.js';

/**
 * Where buildx knows no such context it takes the name for a host and waits for
 * that. The other drivers have endpoints of other kinds.
 */
async function contextProblems(
  { driver = 'docker-container', endpoint, nodes }: BuilderOptions,
  ports: Pick<Ports, 'exec' | 'env'>,
): Promise<readonly Problem[]> {
  const given = [
    { input: 'endpoint', which: '', endpoint },
    ...nodes.map((node, index) => ({
      input: 'append',
      which: `node ${index + 1}: `,
      endpoint: node.endpoint,
    })),
  ];
  const named = given.flatMap((one) => one.endpoint ?? []);
  if (driver !== 'docker-container' || named.length === 0) return [];
  const contexts = await dockerContexts(ports);
  // A client that does not answer is reported when the run asks for its engine.
  if (contexts === undefined) return [];
  const lost = lostContexts(named, contexts);
  return given
    .filter((one) => one.endpoint !== undefined && lost.includes(one.endpoint))
    .map(({ input, which, endpoint: found }) => ({
      file: `input "${input}"`,
      message: `${which}"${found}" is not a docker context; there are: ${contexts.join(', ')}. An address starts with its scheme, such as ssh://me@host or tcp://host:2376`,
    }));
}

async function fileProblems(
  { buildkitdConfig }: BuilderOptions,
  { files }: Pick<Ports, 'files'>,
): Promise<readonly Problem[]> {
  if (buildkitdConfig === undefined || !('file' in buildkitdConfig)) return [];
  const { file: path } = buildkitdConfig;
  const there = await files.look(path);
  const problem = (message: string) => [{ file: 'input "buildkitd-config"', message }];
  if (there === undefined) return problem(`${path}: the file does not exist`);
  if (there.kind === 'directory') return problem(`${path}: this is a folder, not a file`);
  return there.kind === 'other' ? problem(`${path} ${NOT_A_FILE}`) : [];
}

/** What this machine does not have of what a builder was wanted to be made with. */
export async function checkBuilderOptions(
  options: BuilderOptions,
  ports: Pick<Ports, 'exec' | 'env' | 'files'>,
): Promise<readonly Problem[]> {
  const found = await Promise.all([contextProblems(options, ports), fileProblems(options, ports)]);
  return found.flat();
}
