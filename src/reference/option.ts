import { csvField, type ReadResult } from './csv.js';

/** An option of a builder's driver. */
export interface DriverOption {
  readonly name: string;
  readonly value: string;
}

/** One option as NAME=VALUE; what stands in one field of buildx's CSV needs no quotes here. */
export function readOption(text: string): ReadResult<DriverOption> {
  const [, name, value = ''] = /^([^=]+)=(.*)$/s.exec(text) ?? [];
  return name === undefined ? { fault: 'it is not NAME=VALUE' } : { value: { name, value } };
}

/** One item of `--driver-opt` (buildx, builder/builder.go), which may be several options. */
export function writeOption({ name, value }: DriverOption): string {
  return csvField(`${name}=${value}`);
}
