/** What the header of a program's ELF file says (System V gABI). */
export interface ElfMachine {
  /** `e_machine`. */
  readonly machine: number;
  readonly class: 32 | 64;
  readonly data: 'little' | 'big';
}

/** What one architecture is called, and how its programs are recognised. */
export interface Architecture {
  /** GOARCH's name, which OCI uses. */
  readonly name: string;
  /**
   * Its variants in containerd's words, `''` for the one that is not written. Without
   * it no platform has this architecture; it is known from ELF files alone.
   */
  readonly variants?: RegExp;
  /** Other names that containerd reads in a platform. Some have one variant, whatever is written behind them. */
  readonly aliases?: Readonly<Record<string, { readonly variant?: string }>>;
  readonly elf?: ElfMachine;
  /** What `e_machine` is called. */
  readonly machineName?: string;
  /** What uname(2) says on it. */
  readonly uname?: readonly string[];
  /** What uname(2) says to its programs on a 64-bit kernel of the same family. */
  readonly uname64?: string;
  /** QEMU's name of it: `aarch64` of `qemu-aarch64`. */
  readonly qemu?: string;
  /** Node's name of it, where that is another one. */
  readonly node?: string;
  /** What stands for it in the names of files, as a pattern: `x86_64-linux-gnu`, `tool-amd64`. */
  readonly words?: string;
}

function elf(
  machineName: string,
  machine: number,
  bits: 32 | 64,
  data: 'little' | 'big' = 'little',
) {
  return { machineName, elf: { machine, class: bits, data } };
}

/**
 * Every architecture that is known here. Of two whose words begin alike, the one with the
 * longer words comes first.
 */
export const architectures: readonly Architecture[] = [
  {
    name: 'amd64',
    variants: /^(v[2-4])?$/,
    aliases: { x86_64: {}, 'x86-64': {} },
    ...elf('x86-64', 62, 64),
    uname: ['x86_64'],
    qemu: 'x86_64',
    node: 'x64',
    words: 'amd64|x86[-_]64|x64',
  },
  { name: 'amd64p32', ...elf('x86-64', 62, 32), words: 'amd64p32|x32' },
  {
    name: '386',
    variants: /^$/,
    aliases: { i386: { variant: '' } },
    ...elf('Intel 80386', 3, 32),
    uname: ['i686', 'i586', 'i486', 'i386'],
    uname64: 'x86_64',
    qemu: 'i386',
    node: 'ia32',
    words: 'x86|i[3-6]86|[36]86|ia32',
  },
  { name: 'arm64be', ...elf('AArch64', 183, 64, 'big'), words: 'arm64be|aarch64_be' },
  {
    name: 'arm64',
    variants: /^(v8\.[1-9]|v9(\.[1-7])?)?$/,
    aliases: { aarch64: {} },
    ...elf('AArch64', 183, 64),
    uname: ['aarch64'],
    qemu: 'aarch64',
    words: 'arm64|aarch64',
  },
  { name: 'armbe', ...elf('ARM', 40, 32, 'big'), words: 'armbe|armeb' },
  {
    name: 'arm',
    variants: /^v[5-8]$/,
    aliases: { armhf: { variant: 'v7' }, armel: { variant: 'v6' } },
    ...elf('ARM', 40, 32),
    uname: ['armv5tel', 'armv5tejl', 'armv6l', 'armv7l', 'armv8l'],
    uname64: 'aarch64',
    qemu: 'arm',
    words: 'arm(?:hf|el)?|armv\\d+[a-z]*',
  },
  {
    name: 'loong64',
    variants: /^$/,
    ...elf('LoongArch', 258, 64),
    uname: ['loongarch64'],
    qemu: 'loongarch64',
    words: 'loong(?:arch)?64',
  },
  {
    name: 'mips64le',
    variants: /^$/,
    ...elf('MIPS', 8, 64),
    uname: ['mips64'],
    qemu: 'mips64el',
    words: 'mips64(?:r6)?(?:le|el)',
  },
  {
    name: 'mips64',
    variants: /^$/,
    ...elf('MIPS', 8, 64, 'big'),
    uname: ['mips64'],
    qemu: 'mips64',
    words: 'mips64(?:r6)?',
  },
  { name: 'mipsle', ...elf('MIPS', 8, 32), node: 'mipsel', words: 'mips(?:r6)?(?:le|el)' },
  { name: 'mips', ...elf('MIPS', 8, 32, 'big'), words: 'mips(?:r6)?' },
  {
    name: 'ppc64le',
    variants: /^(power(8|9|10))?$/,
    ...elf('PowerPC64', 21, 64),
    uname: ['ppc64le'],
    qemu: 'ppc64le',
    // Node runs on the little-endian one alone.
    node: 'ppc64',
    words: '(?:ppc|powerpc)64(?:le|el)',
  },
  {
    name: 'ppc64',
    variants: /^$/,
    ...elf('PowerPC64', 21, 64, 'big'),
    words: '(?:ppc|powerpc)64',
  },
  { name: 'ppc', ...elf('PowerPC', 20, 32, 'big'), words: '(?:ppc|powerpc)(?:le|el)?' },
  {
    name: 'riscv64',
    variants: /^(rva2[023][us]64)?$/,
    ...elf('RISC-V', 243, 64),
    uname: ['riscv64'],
    qemu: 'riscv64',
    words: 'riscv64(?:gc)?',
  },
  { name: 'riscv', ...elf('RISC-V', 243, 32), words: 'riscv(?:32)?(?:gc)?' },
  {
    name: 's390x',
    variants: /^$/,
    ...elf('S/390', 22, 64, 'big'),
    uname: ['s390x'],
    qemu: 's390x',
    words: 's390x',
  },
  { name: 's390', ...elf('S/390', 22, 32, 'big'), words: 's390' },
  { name: 'sparc64', ...elf('SPARC V9', 43, 64, 'big'), words: 'sparc64' },
  { name: 'wasm', variants: /^$/ },
];

/** The row of an architecture by GOARCH's name. */
export function architectureNamed(name: string): Architecture | undefined {
  return architectures.find((one) => one.name === name);
}

/** What uname(2) may say to programs of an architecture; nothing where that is not known. */
export function unameOf(architecture: string): readonly string[] {
  const { uname = [], uname64 } = architectureNamed(architecture) ?? {};
  return uname64 === undefined ? uname : [...uname, uname64];
}

/**
 * The architecture, with its variant where there is one, of a machine on which uname(2)
 * says `uname`: `arm64` of `aarch64`, `arm/v7` of `armv7l`; the same text where it is not
 * known.
 */
export function architectureOfUname(uname: string): string {
  // Of mips64 the kernel does not tell the byte order.
  const names = architectures.filter((one) => one.uname?.includes(uname));
  const [first] = names;
  if (first === undefined || names.length > 1) return uname;
  const variant = /^armv\d/.exec(uname)?.[0].slice('arm'.length);
  return variant === undefined ? first.name : `${first.name}/${variant}`;
}

/** The handler (binfmt_misc) that QEMU's emulator of an architecture is registered as. */
export function handlerName(architecture: string): string {
  return `qemu-${architectureNamed(architecture)?.qemu ?? architecture}`;
}

/** GOARCH's name of what node calls `architecture`. */
export function architectureOfNode(architecture: string): string {
  return architectures.find(({ node }) => node === architecture)?.name ?? architecture;
}
