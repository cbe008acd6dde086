import { parsePlatform } from '../platform/index.js';

/** What an ELF header says about the machine that a program is for. */
interface Machine {
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: 'little' | 'big';
}

interface Known extends Machine {
  readonly architecture: string;
}

const known = (
  architecture: string,
  bits: 32 | 64,
  data: 'little' | 'big',
  machine: number,
): Known => ({
  architecture,
  class: bits,
  data,
  machine,
});

/** Architectures under GOARCH's names, which OCI uses. `e_machine` as in the System V gABI. */
const MACHINES: readonly Known[] = [
  known('amd64', 64, 'little', 62),
  known('amd64p32', 32, 'little', 62),
  known('386', 32, 'little', 3),
  known('arm', 32, 'little', 40),
  known('armbe', 32, 'big', 40),
  known('arm64', 64, 'little', 183),
  known('arm64be', 64, 'big', 183),
  known('ppc64le', 64, 'little', 21),
  known('ppc64', 64, 'big', 21),
  known('ppc', 32, 'big', 20),
  known('s390x', 64, 'big', 22),
  known('s390', 32, 'big', 22),
  known('riscv64', 64, 'little', 243),
  known('riscv', 32, 'little', 243),
  known('mips64le', 64, 'little', 8),
  known('mips64', 64, 'big', 8),
  known('mipsle', 32, 'little', 8),
  known('mips', 32, 'big', 8),
  known('loong64', 64, 'little', 258),
  known('sparc64', 64, 'big', 43),
];

const NAMES: ReadonlyMap<number, string> = new Map([
  [3, 'Intel 80386'],
  [8, 'MIPS'],
  [20, 'PowerPC'],
  [21, 'PowerPC64'],
  [22, 'S/390'],
  [40, 'ARM'],
  [43, 'SPARC V9'],
  [62, 'x86-64'],
  [183, 'AArch64'],
  [243, 'RISC-V'],
  [247, 'eBPF'],
  [258, 'LoongArch'],
]);

/** eBPF's e_machine: programs for the kernel's virtual machine, at home on every architecture. */
export const EBPF = 247;

/** The architecture's name in OCI's words; `e_machine N` for what has none. */
export function architectureOf(found: Machine): string {
  const same = (one: Known) =>
    one.machine === found.machine && one.class === found.class && one.data === found.data;
  return MACHINES.find(same)?.architecture ?? `e_machine ${found.machine}`;
}

/** `e_machine 62 (x86-64)`, with class or byte order where the number is shared by several. */
export function describeMachine(found: Machine): string {
  const sharers = MACHINES.filter((one) => one.machine === found.machine).length;
  const more = sharers > 1 ? `, ${found.class} bit, ${found.data} endian` : '';
  return `e_machine ${found.machine} (${NAMES.get(found.machine) ?? 'unknown'}${more})`;
}

/** What programs of a platform must be; undefined where no rule is known. */
export function expectedMachine(
  platform: string,
): (Machine & { architecture: string }) | undefined {
  const architecture = parsePlatform(platform)?.architecture;
  return MACHINES.find((one) => one.architecture === architecture);
}
