import type { RawEntry } from '../oci/raw-tar.js';

/*
 * Layers on which readers differ, and what engines make of them: seen on overlayfs
 * with containerd's store and with the classic one, which agree. They run on the
 * engine at hand in integration/layers.test.ts.
 */

export const file = (path: string, content = path): RawEntry => ({ path, content, mode: 0o755 });
export const gone = (path: string): RawEntry => ({ path });
export const link = (path: string, to: string): RawEntry => ({ path, type: '2', link: to });
export const hard = (path: string, to: string): RawEntry => ({ path, type: '1', link: to });
export const directory = (path: string): RawEntry => ({ path, type: '5', mode: 0o755 });

type Layers = readonly (readonly RawEntry[])[];

/** A name, layers from the base upwards, and all that is no directory, each with its layer. */
export const UNPACKED: readonly [string, Layers, readonly string[]][] = [
  [
    "an opaque directory keeps its own layer's files, before and after",
    [[file('d/a')], [file('d/n'), gone('d/.wh..wh..opq'), file('d/m')]],
    ['/d/m@2', '/d/n@2'],
  ],
  [
    'an opaque directory is one for what lies below it only',
    [[file('d/a')], [gone('d/.wh..wh..opq')], [file('d/n')]],
    ['/d/n@3'],
  ],
  [
    'the mark of an opaque directory may be a directory',
    [[file('d/a')], [directory('d/.wh..wh..opq')]],
    [],
  ],
  [
    'the mark reaches a directory through a link of its layer',
    [[file('d/a')], [directory('d'), link('l', 'd'), gone('l/.wh..wh..opq')]],
    ['/l@2'],
  ],
  ['a whiteout before a file', [[file('a')], [gone('.wh.a'), file('a')]], ['/a@2']],
  [
    'a whiteout before a directory hides nothing',
    [[file('d/a')], [gone('.wh.d'), directory('d'), file('d/n')]],
    ['/d/a@1', '/d/n@2'],
  ],
  [
    'a whiteout between two directories',
    [[file('d/a')], [gone('.wh.d')], [file('d/n')]],
    ['/d/n@3'],
  ],
  ['a file between two directories', [[file('d/a')], [file('d')], [file('d/n')]], ['/d/n@3']],
  [
    'a whiteout may be of any kind',
    [
      [file('a'), file('d/b')],
      [link('.wh.a', 'x'), directory('.wh.d')],
    ],
    [],
  ],
  [
    'a file below a whiteout is a file',
    [[file('d/a')], [file('.wh.d/x')]],
    ['/.wh.d/x@2', '/d/a@1'],
  ],
  [
    "aufs' folder of hard links is a folder",
    [[file('a')], [file('.wh..wh.plnk/1'), hard('h', '.wh..wh.plnk/1')]],
    ['/.wh..wh.plnk/1@2', '/a@1', '/h@2'],
  ],
  ["aufs' own mark hides nothing", [[file('a')], [gone('.wh..wh.aufs')]], ['/a@1']],
  [
    'a link of a layer below is not followed: a directory takes its place',
    [[file('usr/bin/b'), link('bin', 'usr/bin')], [file('bin/x')]],
    ['/bin/x@2', '/usr/bin/b@1'],
  ],
  [
    'nor is it by a whiteout',
    [[file('usr/bin/b'), link('bin', 'usr/bin')], [gone('bin/.wh.b')]],
    ['/usr/bin/b@1'],
  ],
  [
    'a link of the same layer is followed, also to what is not there yet',
    [[], [link('bin', 'usr/bin'), file('bin/x')]],
    ['/bin@2', '/usr/bin/x@2'],
  ],
  [
    'a link takes the place of a directory',
    [[file('d/a'), file('e/b')], [link('d', 'e')]],
    ['/d@2', '/e/b@1'],
  ],
  ['names are made simple first', [[file('a/q')], [file('a/../b'), gone('./a/./.wh.q')]], ['/b@2']],
];

/** Overlayfs does not look at the mark of its root. */
export const OPAQUE_ROOT: [string, Layers, readonly string[]] = [
  'an opaque root hides nothing',
  [[file('app/.git/config')], [file('b'), gone('.wh..wh..opq')], [file('c')]],
  ['/app/.git/config@1', '/b@2', '/c@3'],
];

/** What engines refuse, and what is said of it. */
export const REFUSED: readonly [string, readonly RawEntry[], RegExp][] = [
  [
    'a whiteout of what its layer has',
    [file('d/a'), gone('.wh.d')],
    /"\.wh\.d" hides what its own layer has brought before/,
  ],
  ['a file below a whiteout', [gone('.wh.d'), file('d/a')], /"d\/a" lies below "d", which is no/],
  ['a whiteout of no name', [gone('d/.wh.')], /"d\/\.wh\." hides nothing that has a name/],
  ['a whiteout of `..`', [gone('.wh...')], /"\.wh\.\.\." hides nothing/],
  [
    'a file below a file',
    [file('f'), file('f/a')],
    /"f\/a" lies below "f", which is not a directory/,
  ],
  ['a hard link to what comes later', [hard('h', 'a'), file('a')], /"h" is a hard link to "a"/],
  ['a type that no engine knows', [{ path: 'v', type: 'V' }], /"v" has the type "V"/],
];
