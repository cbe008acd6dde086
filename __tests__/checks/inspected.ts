import type { Inspected } from '../../src/checks/index.js';
import {
  commandsOf,
  createTree,
  type LayerFacts,
  neededPrograms,
  type ProgramBytes,
  startedPrograms,
} from '../../src/contents/index.js';
import type { ImageConfig } from '../../src/oci/index.js';

/** A file of a layer as a scan would tell it. */
export interface File {
  readonly path: string;
  readonly mode?: number;
  readonly link?: string;
  readonly kind?: 'directory' | 'hardlink';
  readonly size?: number;
  readonly uid?: number;
  readonly program?: ProgramBytes;
  readonly credentials?: readonly string[];
}

export function layer(files: readonly File[], problems: readonly string[] = []): LayerFacts {
  return {
    compression: 'gzip',
    diffId: `sha256:${'1'.repeat(64)}`,
    uncompressedSize: 1024,
    entries: files.map(
      ({ path, mode = 0o755, link, kind, size = 100, uid = 0, program, credentials }) => ({
        path,
        kind: kind ?? (link === undefined ? 'file' : 'symlink'),
        mode,
        uid,
        gid: 0,
        size,
        ...(link === undefined ? {} : { link }),
        ...(program === undefined ? {} : { program }),
        ...(credentials === undefined ? {} : { credentials }),
      }),
    ),
    problems,
  };
}

const MACHINES = {
  amd64: { machine: 62, class: 64, data: 'little' },
  '386': { machine: 3, class: 32, data: 'little' },
  arm: { machine: 40, class: 32, data: 'little' },
  arm64: { machine: 183, class: 64, data: 'little' },
  s390x: { machine: 22, class: 64, data: 'big' },
  bpf: { machine: 247, class: 64, data: 'little' },
} as const;

export function elf(
  architecture: keyof typeof MACHINES,
  more: Partial<ProgramBytes> & { interpreter?: string } = {},
): ProgramBytes {
  const { interpreter, ...rest } = more;
  return {
    magic: 'elf',
    digest: `sha256:${'e'.repeat(64)}`,
    elf: {
      architecture,
      ...MACHINES[architecture],
      type: 'executable',
      flags: 0,
      ...(interpreter === undefined ? {} : { interpreter }),
    },
    ...rest,
  };
}

export function go(path: string): Partial<ProgramBytes> {
  return { go: { toolchain: 'go1.26', path, settings: {} } };
}

const CREATED = [
  'COPY base / # buildkit',
  'COPY --from=build /out/app /usr/local/bin/app # buildkit',
];

/** An image for linux/arm64 with an entrypoint `/app`, changed as a test likes. */
export function inspected(
  layers: readonly LayerFacts[],
  changes: Partial<ImageConfig> = {},
  more: Partial<Inspected> = {},
  tests: Parameters<typeof neededPrograms>[0] = [],
): Inspected {
  const config: ImageConfig = {
    os: 'linux',
    architecture: 'arm64',
    entrypoint: ['/app'],
    command: [],
    shell: [],
    env: [],
    labels: new Map(),
    diffIds: layers.map(() => `sha256:${'1'.repeat(64)}`),
    history: layers.map((_, number) => ({
      createdBy: CREATED[number] ?? 'RUN x',
      emptyLayer: false,
    })),
    ...changes,
  };
  const tree = createTree(layers);
  return {
    image: 'greeter',
    platform: 'linux/arm64',
    config,
    layers,
    started: startedPrograms(config, tree),
    needed: neededPrograms(tests, config, tree),
    commands: commandsOf(config, tree),
    foreign: undefined,
    elfFiles: [...tree.files()]
      .filter(({ entry }) => entry.program?.magic === 'elf')
      .sort((a, b) => (a.path < b.path ? -1 : 1)),
    goMain: undefined,
    clock: { ticks: () => 0 },
    dockerfile: undefined,
    ...more,
  };
}
