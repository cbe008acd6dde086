import type { TestProgram } from '../evidence/index.js';
import { parsePlatform } from '../platform/index.js';

/** Where a program runs: for which platform, whether that is emulated, and on what machine. */
interface Machine {
  readonly platform: string;
  /** As the platform's proof has found out. */
  readonly emulated: boolean;
  readonly enginePlatform: string;
}

/**
 * A program with whether it is emulated, which its own architecture decides: one of the
 * platform's as the proof of that says, one of the engine's machine is native, and of
 * any other nothing is known.
 */
export function withEmulation(
  program: TestProgram | undefined,
  { platform, emulated, enginePlatform }: Machine,
): TestProgram | undefined {
  if (program?.architecture === undefined) return program;
  const isFor = (one: string) => parsePlatform(one)?.architecture === program.architecture;
  if (isFor(platform)) return { ...program, emulated };
  return isFor(enginePlatform) ? { ...program, emulated: false } : program;
}
