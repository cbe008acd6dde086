import { OWNER_VARIABLE, ownerText } from '../cleanup/index.js';
import { type DriverOption, writeOption } from '../reference/index.js';
import { defined } from '../types/index.js';
import type { NewBuilder } from './new-builder.js';
import type { BuilderOptions, NodeOptions } from './options.js';
import { isVariable } from './variables.js';

/** The BuildKit that a builder of our own runs: buildx's default, written down. */
export const BUILDKIT_IMAGE = 'moby/buildkit:buildx-stable-1';

/** The name of the builder that a run makes for itself. */
export function ownBuilderName(runId: string): string {
  return `sea-trial-${runId.replace(/[^A-Za-z0-9._-]/g, '-')}`;
}

/** An image that a node's container will run, and where that is; undefined: the engine in use. */
export interface NodeImage {
  readonly image: string;
  readonly endpoint?: string;
}

export function imageOf<T>(options: readonly DriverOption[], otherwise: T): string | T {
  return options.find(({ name }) => name === 'image')?.value ?? otherwise;
}

/** The images of a builder's nodes, each once for each engine; none where they are no containers of an engine. */
export function builderImages(options: BuilderOptions): readonly NodeImage[] {
  if ((options.driver ?? 'docker-container') !== 'docker-container') return [];
  const images = [options, ...options.nodes].map(
    ({ driverOptions: options, endpoint }): NodeImage => {
      const image = imageOf(options, BUILDKIT_IMAGE);
      return { image, ...defined({ endpoint }) };
    },
  );
  const key = ({ image, endpoint = '' }: NodeImage) => `${image} ${endpoint}`;
  return [...new Map(images.map((one) => [key(one), one])).values()];
}

function many(flag: string, values: readonly string[]): readonly string[] {
  return values.flatMap((value) => [flag, value]);
}

/** Whether buildx starts BuildKit, so that its flags can be set. */
function isStarted(driver: string): boolean {
  return driver === 'docker-container' || driver === 'kubernetes';
}

export function flagsOf(
  driver: string,
  given: string | undefined,
  entitlements: NewBuilder['entitlements'],
) {
  if (!isStarted(driver)) return [];
  // buildx itself adds network.host here; without a grant no build asks for it.
  const allowed = entitlements.map((name) => `--allow-insecure-entitlement=${name}`);
  const flags = [...(given === undefined ? [] : [given]), ...allowed].join(' ');
  return flags === '' ? [] : ['--buildkitd-flags', flags];
}

/** `--driver-opt` for each option that is no secret: arguments of processes are public. */
export function driverOptions(
  driver: string,
  given: readonly DriverOption[],
  { owner }: NewBuilder,
): readonly string[] {
  const seen = given.filter((option) => !isVariable(option)).map(writeOption);
  if (driver !== 'docker-container') return many('--driver-opt', seen);
  const hasImage = imageOf(given, undefined) !== undefined;
  return many('--driver-opt', [
    ...(hasImage ? [] : [writeOption({ name: 'image', value: BUILDKIT_IMAGE })]),
    ...seen,
    ...(owner === undefined
      ? []
      : [writeOption({ name: `env.${OWNER_VARIABLE}`, value: ownerText(owner) })]),
  ]);
}

/** Arguments of `buildx create` for a further node; `more` are the first one's, where it is in the same place. */
export function nodeArguments(
  node: NodeOptions,
  driver: string,
  order: NewBuilder,
  more: readonly string[],
): readonly string[] {
  return [
    ...['--name', order.name, '--append'],
    ...(node.name === undefined ? [] : ['--node', node.name]),
    ...driverOptions(driver, node.driverOptions, order),
    ...flagsOf(driver, node.buildkitdFlags, order.entitlements),
    ...more,
    ...(node.platforms.length === 0 ? [] : ['--platform', node.platforms.join(',')]),
  ];
}
