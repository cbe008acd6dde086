import type { Code } from '../../evidence/index.js';

/** Why a build failed, and who can do what about it. */
export interface LifecycleReason {
  readonly code: Code;
  readonly words: string;
  /** Where it is another than the catalogue's. */
  readonly remedy?: string;
  /** The words are all there is to say: what the tool says of it adds nothing. */
  readonly saysAll?: true;
  /** Lines that tell more than the last ones of the output. */
  readonly detail?: readonly string[];
}

const NEWER_PACK =
  'Use a newer pack, or take the one on PATH away: then the pinned version is downloaded and used.';

/**
 * What errors of pack and the lifecycle are known by, most telling first. They are about what
 * these tools do themselves; what a buildpack writes is never matched here.
 */
const BY_WORDS: readonly (readonly [RegExp, (named: string) => LifecycleReason])[] = [
  [
    /client version (\S+) is too old\. Minimum supported API version is/i,
    (version) => ({
      code: 'engine-failed',
      words: `this pack speaks version ${version} of the Docker API, which the engine no longer serves`,
      remedy: NEWER_PACK,
    }),
  ],
  [
    /client version (\S+) is too new\. Maximum supported API version is/i,
    (version) => ({
      code: 'engine-failed',
      words: `this pack speaks version ${version} of the Docker API, which the engine does not serve yet`,
      remedy: 'Update the Docker engine, or put an older pack on PATH.',
    }),
  ],
  [
    /is incompatible with this version of pack|unable to find a supported Platform API version/,
    () => ({
      code: 'build-failed',
      words: "pack and the builder's lifecycle have no Platform API in common",
      remedy: `Use a builder with another lifecycle. ${NEWER_PACK}`,
    }),
  ],
  [
    /cannot connect to the docker daemon|error during connect:|is the docker daemon running/i,
    () => ({ code: 'engine-failed', words: 'the connection to the Docker engine was lost' }),
  ],
  [
    /tried to set (\S+) to default but it doesn't exist/,
    (type) => ({
      code: 'build-failed',
      words: `the application has no process type "${type}"`,
      saysAll: true,
      remedy:
        'Add it to the Procfile, or name one that there is: build.buildpack.process, or the input "process".',
    }),
  ],
  [
    /no child with platform (\S+)|no matching manifest for (?:\S+)|does not provide the specified platform/i,
    () => ({
      code: 'not-pulled',
      words: 'an image that the build needs does not exist for this platform',
      remedy:
        'Use a builder and a run image that have the platform, or take the platform out of "platforms".',
    }),
  ],
  [
    /this repository takes one manifest, which stays/,
    () => ({
      code: 'build-failed',
      words:
        'a program that the build has started published another image before the lifecycle did',
      saysAll: true,
      remedy:
        'Find out which buildpack, or which package that the application installs, does that.',
    }),
  ],
  [
    /\b429\b.*Too Many Requests|toomanyrequests/i,
    () => ({
      code: 'not-pulled',
      words: 'a registry limits how often images may be pulled',
      remedy: 'Log in to the registry, which raises the limit, or run again later.',
    }),
  ],
  [
    /proxyconnect tcp: dial tcp (?:127\.|\[::1\])/,
    () => ({
      code: 'registry-failed',
      words: "a proxy on this machine's loopback cannot be reached from the build",
      remedy:
        'The build runs in a container, whose loopback is its own: name the proxy by an address of this machine that containers reach ("proxies" in docker\'s config.json).',
    }),
  ],
  [
    /dial tcp (?:127\.|\[::1\])/,
    () => ({
      code: 'registry-failed',
      words: "a registry on this machine's loopback cannot be reached from the build",
      remedy:
        'The build runs in a container, whose loopback is its own: name the run image by an address of this machine that containers reach.',
    }),
  ],
  [
    /dial tcp|connection refused|connection reset|i\/o timeout|no such host|TLS handshake|network is unreachable/i,
    () => ({
      code: 'registry-failed',
      words: 'a registry cannot be reached from the build',
      remedy:
        "Check that the registry of the run image can be reached from containers, and that no firewall stops them from reaching this machine. The lifecycle knows none of the engine's mirrors: where only a mirror can be reached, name the run image there (run-image).",
    }),
  ],
  [
    /\bUNAUTHORIZED\b|\bDENIED\b|pull access denied|\b40[13] (?:Unauthorized|Forbidden)/,
    () => ({
      code: 'not-pulled',
      words: 'an image that the build needs cannot be pulled with the credentials there are',
    }),
  ],
  [
    /MANIFEST_UNKNOWN|NAME_UNKNOWN|does not exist (?:in registry|on the daemon)|: not found$|\b404 Not Found/,
    () => ({
      code: 'not-pulled',
      words: 'an image that the build needs does not exist',
      remedy: 'Fix the reference: the registry has no such image or tag.',
    }),
  ],
  [
    // The registry's image has the label: without it, nothing is built.
    /missing label '?io\.buildpacks\.builder\.metadata/,
    () => ({
      code: 'engine-failed',
      words: "the engine's copy of the builder is incomplete",
      remedy:
        'The containerd store keeps for a day what an interrupted load has left, and does not fetch those layers again meanwhile. Run again after that, or delete the leases that "ctr --namespace moby leases ls" shows with gc.expire, and the image.',
    }),
  ],
  [
    /failed to fetch builder image|invalid run-image|invalid builder/,
    () => ({ code: 'not-pulled', words: 'the builder or its run image cannot be used' }),
  ],
  [
    /validating registry (?:read|write) access|failed to ensure registry|(?:get|access|getting) run image/,
    () => ({ code: 'registry-failed', words: 'the lifecycle cannot use a registry' }),
  ],
];

/** What pack or the lifecycle says of itself; undefined where the words are not known. */
export function reasonByWords(error: string): LifecycleReason | undefined {
  for (const [pattern, reason] of BY_WORDS) {
    const found = pattern.exec(error);
    if (found !== null) return reason(found[1] ?? '');
  }
  return undefined;
}

const API_MISMATCH = 'Use a builder whose lifecycle and buildpacks fit one another.';

/**
 * What the exit code of a phase says. Those of the phases are the same in every version of the
 * Platform API that pack 0.40 speaks.
 * Source: buildpacks/lifecycle platform/exit.go and cmd/exit.go; buildpacks/spec platform.md.
 */
export function reasonByCode(
  code: number | undefined,
  buildpack: string | undefined,
): LifecycleReason {
  const what = buildpack === undefined ? 'a buildpack' : `buildpack ${buildpack}`;
  switch (code) {
    case 3:
      return { code: 'engine-failed', words: 'the lifecycle refuses how it was started' };
    case 11:
      return {
        code: 'build-failed',
        words: "the builder's lifecycle does not serve the Platform API that it is asked for",
        remedy: 'Use a builder with a newer lifecycle.',
      };
    case 12:
      return {
        code: 'build-failed',
        words: "the builder's lifecycle does not serve the Buildpack API of a buildpack",
        remedy: API_MISMATCH,
      };
    case 22:
      return { code: 'build-failed', words: 'the buildpacks could not be asked' };
    case 32:
      return { code: 'registry-failed', words: 'the images of the build could not be read' };
    case 42:
      return {
        code: 'engine-failed',
        words: 'the layers of an earlier build could not be restored',
        remedy: 'Build once without them: "clear-cache: true" under build.buildpack.',
      };
    case 52:
      return {
        code: 'build-failed',
        words: `${what} left files that the lifecycle does not take`,
        remedy: 'Use another version of the buildpack, and report this to its maintainers.',
      };
    case 62:
      return { code: 'build-failed', words: 'the image could not be exported' };
    case 91:
    case 92:
    case 102:
      return { code: 'build-failed', words: 'an image extension failed' };
    case 137:
      return {
        code: 'engine-failed',
        words: 'the container of the build was killed, by the engine or for want of memory',
        remedy: 'Give the engine more memory, or build fewer images at once, then run again.',
      };
    default:
      return { code: 'build-failed', words: 'the build failed' };
  }
}
