import { parsePlatform } from '../platform/index.js';
import { declaredIn, givenByBuildKit, standingValue } from './arguments.js';
import { parseDockerfile } from './parse.js';
import type { Arguments, ArgumentValue } from './shell-words.js';
import { type Building, neededStages, stagesOf } from './stages.js';

/** The arguments that BuildKit sets of the platform that is built. */
export function platformArguments(platform: string): ReadonlyMap<string, string> {
  const { os = '', architecture = '', variant = '' } = parsePlatform(platform) ?? {};
  return new Map([
    ['TARGETPLATFORM', platform],
    ['TARGETOS', os],
    ['TARGETARCH', architecture],
    ['TARGETVARIANT', variant],
  ]);
}

/** A default that takes the place of what BuildKit says of the platform. */
export interface HiddenValue {
  readonly name: string;
  /** What is taken instead, with other arguments put in. */
  readonly value: string;
  /** Of its ARG, counted from 1. */
  readonly line: number;
}

/**
 * The ARGs whose defaults hide a value of a platform, in the stages that are built and before
 * the first FROM. An argument of the build comes before any default, and a default that is
 * the platform's own value hides nothing.
 */
export function hiddenValues(
  text: string,
  building: Building,
  platform: string,
): readonly HiddenValue[] {
  const automatic = platformArguments(platform);
  const needed = neededStages(stagesOf(text, { ...building, automatic }), building);
  const lines = new Set(needed.map(({ line }) => line));
  const given = new Map<string, string | undefined>(Object.entries(building.args));
  const global = new Map(givenByBuildKit({}, automatic));
  let stage: Map<string, ArgumentValue> | undefined;
  let isNeeded = true;
  const found: HiddenValue[] = [];
  const { instructions, escapeSign } = parseDockerfile(text);
  for (const { keyword, line, text: declared } of instructions) {
    if (keyword === 'FROM') {
      stage = new Map();
      isNeeded = lines.has(line);
    }
    if (keyword !== 'ARG') continue;
    for (const { name, standing: written } of declaredIn(declared, escapeSign)) {
      const known: Arguments = stage ?? global;
      const own =
        written === undefined ? global.get(name) : standingValue(written, known, escapeSign);
      (stage ?? global).set(name, given.get(name) ?? own);
      const standing = written === undefined || typeof own === 'object' ? undefined : own;
      const value = given.get(name) ?? standing;
      const wanted = automatic.get(name);
      const isHiding = value !== undefined && wanted !== undefined && value !== wanted;
      if (isHiding && isNeeded && !given.has(name)) found.push({ name, value, line });
    }
  }
  return found;
}

/** The names of all ARGs, also of those that a base is to ask for. */
export function declaredArguments(text: string): ReadonlySet<string> {
  const { instructions, escapeSign } = parseDockerfile(text);
  const commands = instructions.map(({ trigger, ...own }) => trigger ?? own);
  const declared = commands.filter(({ keyword }) => keyword === 'ARG');
  return new Set(
    declared.flatMap((one) => declaredIn(one.text, escapeSign)).map(({ name }) => name),
  );
}
