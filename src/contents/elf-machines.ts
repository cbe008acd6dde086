import { architectures, type ElfMachine, parsePlatform } from '../platform/index.js';

/** eBPF's e_machine: programs for the kernel's virtual machine, which every architecture has. */
export const EBPF = 247;

function rowsOf(machine: number) {
  return architectures.filter(({ elf }) => elf?.machine === machine);
}

/** The architecture's name in OCI's words; `e_machine N` for what has none. */
export function architectureOf(found: ElfMachine): string {
  const row = rowsOf(found.machine).find(
    ({ elf }) => elf?.class === found.class && elf.data === found.data,
  );
  return row?.name ?? `e_machine ${found.machine}`;
}

/** `e_machine 62 (x86-64)`, with class or byte order where the number is shared by several. */
export function describeMachine(found: ElfMachine): string {
  const rows = rowsOf(found.machine);
  const title = rows[0]?.machineName ?? (found.machine === EBPF ? 'eBPF' : 'unknown');
  const more = rows.length > 1 ? `, ${found.class} bit, ${found.data} endian` : '';
  return `e_machine ${found.machine} (${title}${more})`;
}

/** What programs of a platform must be; undefined where no rule is known. */
export function expectedMachine(
  platform: string,
): (ElfMachine & { readonly architecture: string }) | undefined {
  const architecture = parsePlatform(platform)?.architecture;
  const row = architectures.find(({ name }) => name === architecture);
  return row?.elf && { ...row.elf, architecture: row.name };
}
