import { MASK } from '../../evidence/index.js';
import { isSecretName } from '../../reference/index.js';
import type { Config } from '../config.js';
import { passwordsOf } from './builder.js';
import type { ParsedRequest } from './request.js';

/** An option of the command line with its value. */
export interface TrialOption {
  readonly name: string;
  readonly value: string;
}

/** Tokens of GitHub, GitLab and Slack, cloud keys, signed tokens and private keys by their look. */
const TOKEN =
  /\bgh[a-z]_\w{20}|\bgithub_pat_\w{20}|\bglpat-[\w-]{16}|\bxox[a-z]-[\w-]{10}|\bA[KS]IA[A-Z0-9]{16}\b|\beyJ[\w-]{8,}\.[\w-]+\.|-----BEGIN /;

/** What may be written down of a variable. */
export function maskSecretValue(
  name: string,
  value: string,
  publicArgs: ReadonlySet<string> = new Set(),
): string {
  const isSecret =
    (isSecretName(name) && value !== '' && !publicArgs.has(name)) ||
    TOKEN.test(value) ||
    (passwordsOf(value.trim()) ?? []).length > 0;
  return isSecret ? MASK : value;
}

/**
 * The options of the command line that ask for the same trials, and for the same
 * registry, beside `--config` and `--push`, which the plan knows; what the environment
 * gave is a `--set` of its own. What only says where reports go is not among them, and a
 * value that looks like a secret is `***`.
 */
export function trialOptions(
  request: ParsedRequest,
  { fromEnvironment, publicArgs }: Pick<Config, 'fromEnvironment' | 'publicArgs'>,
): readonly TrialOption[] {
  const { only, platforms, set, grants, untrusted, builder, newBuilder, binfmtImage } = request;
  const { registry, replaces, existing } = request;
  const each = (name: string, values: readonly (string | undefined)[]) =>
    values.flatMap((value) => (value === undefined ? [] : [{ name, value }]));
  const variables = [...set, ...fromEnvironment].map(
    ([name, value]) => `${name}=${maskSecretValue(name, value, publicArgs)}`,
  );
  return [
    ...each('only', only),
    ...each('platform', platforms),
    ...each('set', variables),
    ...each('grant', grants),
    ...each('untrusted', untrusted === 'auto' ? [] : [untrusted]),
    // One that was made for the run is described by inputs for which there is no option.
    ...each('builder', newBuilder === undefined ? [builder] : []),
    ...each('binfmt-image', [binfmtImage]),
    ...each('registry', [registry]),
    ...each('replaces', replaces),
    ...each('existing', [existing]),
  ];
}
