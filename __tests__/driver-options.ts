import { type DriverOption, readOption } from '../src/reference/index.js';

/** Options of a builder's driver, each written as NAME=VALUE. */
export function opts(...texts: readonly string[]): readonly DriverOption[] {
  return texts.map((text) => {
    const read = readOption(text);
    if ('fault' in read) throw new Error(`${text}: ${read.fault}`);
    return read.value;
  });
}
