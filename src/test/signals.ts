/** What ended a program, and under which emulator, where it ran under one. */
export function killedBy(signal: string, emulator?: string): string {
  if (emulator === undefined) return `killed by ${signal}`;
  return `killed by ${signal} under ${emulator}; the cause is the program or the emulator, which a native runner would show`;
}
