import type { Finding, Severity } from './model.js';

/** What is true of every finding with one code. Documentation is generated from this table. */
interface Check {
  readonly severity: Severity;
  /**
   * What an error of this code says about: `image`, what was built or published is
   * wrong (exit 1); `environment`, nothing can be said about the image (exit 3).
   */
  readonly about: 'image' | 'environment';
  /** Codes of the proof chain cannot be lowered by a configuration. */
  readonly proof?: true;
  readonly what: string;
  readonly why: string;
  readonly remedy: string;
}

const chain = { severity: 'error', about: 'image', proof: true } as const;
const image = { severity: 'error', about: 'image' } as const;
const environment = { severity: 'error', about: 'environment' } as const;

/** Every finding that there is, by its code. */
export const catalogue = {
  'digest-mismatch': {
    ...chain,
    what: 'Bytes do not have the digest that names them.',
    why: 'Whoever pulls by that digest gets an error, or something else than what was tried.',
    remedy: 'Run again; if it comes back, the builder, the disk or the registry corrupts data.',
  },
  'tested-other-bytes': {
    ...chain,
    what: 'The engine ran another image than the one that was built.',
    why: 'A test of other bytes proves nothing about what is published.',
    remedy: 'Remove the image that the engine holds and run again.',
  },
  'served-other': {
    ...chain,
    what: 'The registry serves something else than what was tested.',
    why: 'Users pull what nobody tried.',
    remedy: 'Run again; if somebody else pushes to this tag, keep it to one workflow.',
  },
  'served-platforms': {
    ...chain,
    what: 'The published index does not hold exactly the platforms that were tried.',
    why: 'A platform is missing for its users, or one is served that nobody tried.',
    remedy: 'Run again and look at who else pushes to this tag.',
  },
  'tag-moved': {
    ...chain,
    what: 'A tag points at another digest than the one that this run published.',
    why: 'Somebody else pushed to it meanwhile: what users pull is not what was tried.',
    remedy: 'Publish by digest, or keep the tag to one workflow.',
  },
  'platform-lost': {
    ...image,
    what: 'A tag serves platforms that this run does not publish, so that it would lose them.',
    why: 'Machines of these platforms could not pull the tag any more; of two jobs that publish one platform each under one tag, the second takes away what the first has published.',
    remedy:
      'Publish all platforms of a tag in one run, or under a tag for each; what may disappear is named in "replaces".',
  },
  'tag-exists': {
    ...image,
    what: 'A tag is there already, and "existing" does not let it be replaced.',
    why: 'Users of that tag would pull something else than before.',
    remedy: 'Take another tag, or let it be replaced: "existing: replace".',
  },
  'index-taken-over': {
    severity: 'note',
    about: 'image',
    what: 'A tag that cannot be replaced serves the tested platforms; its index is the one published.',
    why: 'Provenance holds the times of its build, so an index that was built again is another one.',
    remedy: 'Nothing: the tested manifests are served under every tag.',
  },
  'build-failed': {
    ...image,
    what: 'The build ended with an error.',
    why: 'There is no image to try.',
    remedy: 'Mend the step that failed.',
  },
  'build-warning': {
    severity: 'note',
    about: 'image',
    what: 'BuildKit warned about a line of the Dockerfile.',
    why: 'It often is a mistake that shows only later.',
    remedy: 'Follow the link in the message.',
  },
  'cache-unread': {
    severity: 'note',
    about: 'environment',
    what: 'A build that failed had to do without a cache.',
    why: 'Steps that the cache holds were executed again; before the first run has written it, that is as it should be.',
    remedy: 'Nothing where the cache is not written yet; else look at what its registry said.',
  },
  'base-moved': {
    severity: 'warning',
    about: 'image',
    what: 'The same base image was another one for another platform.',
    why: 'The platforms of one index then differ in more than their architecture.',
    remedy: 'Pin the base by digest.',
  },
  'look-alike-files': {
    severity: 'note',
    about: 'image',
    what: 'Two builds copy different files that are equal in path, size and time.',
    why: 'BuildKit may take one for the other (moby/buildkit#4950).',
    remedy: 'Nothing: contexts that differ have names of their own here.',
  },
  'config-platform': {
    ...image,
    what: "The image's configuration names another platform than the one asked for.",
    why: 'Engines choose an image by that entry.',
    remedy: 'Look for a FROM with a fixed --platform in the last stage.',
  },
  'layer-unread': {
    ...image,
    what: 'A layer could not be read to its end, or holds what engines refuse.',
    why: 'What it holds cannot be judged, and an engine may refuse to unpack it.',
    remedy: 'Look at the instruction that made the layer, and build without the cache.',
  },
  'layers-refused': {
    ...image,
    what: "The engine does not take the image's layers.",
    why: 'They are damaged, or more than an engine takes: the image cannot be run.',
    remedy:
      'Look at the instruction that made the layer; of too many, join RUN instructions, or copy the result into a last stage.',
  },
  'arch-mismatch': {
    ...image,
    what: 'A program is for another architecture than the image.',
    why: 'It cannot run on the machines that the image is for.',
    remedy: 'Compile or fetch it for $TARGETARCH, or start from a base that has the platform.',
  },
  'foreign-files': {
    severity: 'note',
    about: 'image',
    what: 'Files for another platform are in the image, as its `foreign` permits.',
    why: "They cannot run on the machines that the image is for; the reason is the configuration's.",
    remedy: 'Look whether the reason still holds.',
  },
  'foreign-unused': {
    severity: 'note',
    about: 'image',
    what: 'An entry of `foreign` permits nothing.',
    why: 'It may be misspelt, or what it was for is gone; one day it may permit too much.',
    remedy: 'Correct the path, or take the entry out.',
  },
  'equal-layers': {
    ...image,
    what: 'Two platforms of an image hold the very same programs, which fit one of them only.',
    why: 'They cannot run on the machines of the other.',
    remedy:
      'Compile for $TARGETARCH; files that are meant for another platform can be named under foreign.',
  },
  'empty-on-one-platform': {
    ...image,
    what: 'A file is empty on one platform of an image and not on another.',
    why: 'A step failed there without saying so, as some programs do under emulation.',
    remedy:
      'Look at the instruction that made the layer; end its commands with && or set -e, and check what they wrote.',
  },
  'tree-differs': {
    severity: 'note',
    about: 'image',
    what: 'A file is on some platforms of an image only, or of another kind there.',
    why: 'It may be meant; or a step did something else on one platform.',
    remedy: 'Nothing, if it is meant.',
  },
  'program-missing': {
    ...image,
    what: "The image's own program is not in its layers.",
    why: 'A container of this image cannot start.',
    remedy: 'Copy the program into the last stage, or mend ENTRYPOINT or CMD.',
  },
  'interpreter-missing': {
    ...image,
    what: 'A program needs an interpreter that is not in the image.',
    why: 'Starting it ends with "no such file or directory".',
    remedy: 'Link it statically (CGO_ENABLED=0), or use a base that has the interpreter.',
  },
  'go-main': {
    ...image,
    what: 'The Go program is not the one that was expected.',
    why: 'One component was built under the name of another.',
    remedy: 'Look at the path that the Dockerfile gives to go build, and at the build context.',
  },
  'git-credentials': {
    ...image,
    what: 'A layer holds a git repository with credentials in its configuration.',
    why: 'Whoever pulls the image has them, also where a later layer deletes the file.',
    remedy:
      'Add .git to .dockerignore, check out with persist-credentials: false, and revoke them if an image with them was published.',
  },
  'no-program': {
    severity: 'note',
    about: 'image',
    what: 'The image names no program of its own.',
    why: 'A container of it starts only with a command.',
    remedy: 'Set ENTRYPOINT or CMD, unless the image is meant as a base.',
  },
  'test-failed': {
    ...image,
    what: 'A test inside the image did not give what was expected.',
    why: 'The image does not do its job on this platform.',
    remedy: 'Repeat it on this platform alone with --only IMAGE@PLATFORM.',
  },
  'lines-go-on': {
    severity: 'note',
    about: 'image',
    what: 'A test of several lines runs in a shell that is not known to end at a line that fails.',
    why: 'It passes where only its last line succeeds.',
    remedy: 'Let each line end the test by itself, or start another shell with a list.',
  },
  'cannot-execute': {
    ...image,
    what: 'The program could not be executed.',
    why: 'It is missing, not executable, or for another architecture.',
    remedy: 'Look at ENTRYPOINT, CMD and the test; a string test needs a shell in the image.',
  },
  'program-killed': {
    ...image,
    what: "The image's own program was ended by a signal as soon as it was started.",
    why: 'It crashes, or needs more memory than there is, before it has done anything.',
    remedy:
      'Start it by itself on this platform. Where it is meant to end so, write a test with that exit code.',
  },
  'started-only': {
    severity: 'warning',
    about: 'image',
    what: 'No test was given; the program was started and nothing more.',
    why: 'That it starts does not say that it works.',
    remedy: 'Add a test, `--version` at least.',
  },
  'test-errored': {
    ...environment,
    what: 'A test could not be run.',
    why: 'Nothing can be said about the image.',
    remedy: 'Look at the reason; run again.',
  },
  'platform-not-runnable': {
    ...environment,
    what: 'This machine cannot run programs of the platform.',
    why: 'What cannot be run cannot be tried, and what was not tried is not published.',
    remedy: 'Install an emulator for it, or use a machine of that architecture.',
  },
  'native-node-unused': {
    severity: 'warning',
    about: 'image',
    what: 'A platform is built by emulation although a node of the builder runs it natively.',
    why: 'buildx takes the first node that knows a platform; emulation is slow, and emulators have faults of their own.',
    remedy: 'Give the platform to its node: docker buildx create --append --node NODE --platform.',
  },
  'engine-failed': {
    ...environment,
    what: 'The engine or the builder did not do its part.',
    why: 'Nothing can be said about the image.',
    remedy: 'Look at the message of the engine; run again.',
  },
  'name-taken': {
    ...environment,
    what: 'The engine holds a name that "load" would give, and it is not this repository\'s.',
    why: 'Later jobs on this machine that use the name would run what an untrusted run has built.',
    remedy:
      'Load under another name, remove the image (docker image rm NAME), or have a trusted run of this repository load it once.',
  },
  'not-authorized': {
    ...environment,
    what: 'A registry would not let this run push, or use its cache there.',
    why: 'What is built could not be published or cached, so nothing is built.',
    remedy: 'Log in to the registry before this step, or give the login the right to push.',
  },
  'registry-failed': {
    ...environment,
    what: 'The registry refused or did not answer.',
    why: 'What was tried could not be published or read back.',
    remedy: 'Look at what the registry said; a rerun goes on where this one stopped.',
  },
  'publication-failed': {
    ...environment,
    what: "Publishing or reading back ended for a reason that is not the registry's.",
    why: 'What was tried is not published everywhere, or it is not proved.',
    remedy: 'Run again, which goes on where this stopped; if it comes back, please report it.',
  },
  'two-loopbacks': {
    ...environment,
    what: "A registry on the loopback is not the engine's.",
    why: 'One name means two machines: what is pushed to the one is not what is pulled from the other.',
    remedy: 'Name the registry by a name or an address that both machines reach.',
  },
  'not-pulled': {
    ...environment,
    what: 'A base image could not be had.',
    why: 'The build cannot start.',
    remedy: 'Look at the reference and at the credentials for its registry.',
  },
} as const satisfies Record<string, Check>;

/** The code of a finding, which readers of evidence may rely on. */
export type Code = keyof typeof catalogue;

/** Whether a text is the code of a finding. */
export function isCode(text: string): text is Code {
  return Object.hasOwn(catalogue, text);
}

/**
 * Makes a finding of a catalogued code. Severity and remedy are the table's
 * unless given; the configured severities are applied later, by the verdict.
 */
export function finding(
  code: Code,
  subject: Finding['subject'],
  message: string,
  more: Partial<Omit<Finding, 'code' | 'subject' | 'message'>> = {},
): Finding {
  const { severity, remedy } = catalogue[code];
  return { code, severity, subject, message, remedy, ...more };
}
