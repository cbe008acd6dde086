import { describe, expect, test } from '@jest/globals';
import { layersRefused } from '../../src/engine/index.js';

/* Words of Docker 28.5.2 with both stores, about images that were made for that. */

const AT = '/var/lib/docker/containerd/daemon/tmpmounts/containerd-mount12';
const extracted = (words: string) =>
  `Error response from daemon: apply layer error for "": failed to extract layer sha256:aa: ${words}`;
const mounted = (words: string) => extracted(`mount callback failed on ${AT}: ${words}`);

describe("layers that an engine cannot unpack are the image's fault", () => {
  test.each([
    mounted('unexpected EOF'),
    extracted('gzip: invalid checksum'),
    mounted('flate: corrupt input before offset 63'),
    mounted('archive/tar: invalid tar header'),
    mounted(`open ${AT}/nnn: file name too long`),
    mounted('failed to get root path: too many links'),
    extracted('unhandled tar header type 55'),
    extracted('invalid whiteout name: .wh.: invalid archive'),
    extracted('failed to convert whiteout file ".wh.d": file exists'),
    extracted('mkparent /var/lib/docker/snapshots/1779/fs/d: not a directory'),
    'flate: corrupt input before offset 63',
    'archive/tar: invalid tar header',
    'reserved bit set on frame header',
    'invalid diffID for layer 0: expected "sha256:aa", got "sha256:bb"',
    'openat nnn: file name too long',
    'statat a: too many levels of symbolic links',
    'duplicates of file paths not supported',
    'linkat zz h: no such file or directory',
    'unhandled tar header type 86',
    'invalid whiteout entry "d/.wh."',
    'invalid entry name "../x"',
    "failed to mknod('d', S_IFCHR, 0): file exists",
    'openat d/a: not a directory',
  ])('%s', (said) => {
    const why = layersRefused(`${said}\n\nRun 'docker create --help' for more information`);
    expect(why).toMatch(/^its layers cannot be unpacked: /);
    expect(why).not.toMatch(/containerd-mount|--help/);
  });

  test.each(['max depth exceeded', `failed to mount ${AT}: mount options is too long`])(
    'and so are too many: %s',
    (said) => {
      expect(layersRefused(`Error response from daemon: ${said}`)).toMatch(
        /^it has more layers than the engine accepts: (max depth exceeded|mount options is too long)$/,
      );
    },
  );

  test.each([
    'unexpected EOF',
    'error during connect: Post "http://docker/v1.51/images/load": EOF',
    mounted('no space left on device'),
    extracted('input/output error'),
    extracted(`mount callback failed on ${AT}: read-only file system`),
    'parent snapshot sha256:aa does not exist',
    'no such file or directory',
    'open /var/lib/docker/tmp/x: too many open files',
  ])('but not this: %s', (said) => {
    expect(layersRefused(said)).toBeUndefined();
  });
});
