import type { PlatformOrder } from './kind.js';

/** What to do where an emulator has failed in a build; one that refuses a call does so again. */
export function emulatorRemedy({ tarWords }: Pick<PlatformOrder, 'tarWords'>): string {
  const advice =
    tarWords === undefined
      ? 'Run again; if it fails again, use another version of the emulator'
      : 'Use a newer emulator';
  return `${advice}, or a machine of that architecture.`;
}
