import type { Finding, Severity } from './model.js';

/** The stages of a run that find something, in their order. */
const STAGES = ['plan', 'environment', 'build', 'inspect', 'test', 'publish', 'verify'] as const;

/** What is true of every finding with one code. Documentation is generated from this table. */
interface CatalogueEntry {
  /** The stage that finds it, the first one that can. */
  readonly stage: (typeof STAGES)[number];
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
  /** The remedy is no more than the finding says; only one that knows better has any. */
  readonly general?: true;
}

const chain = { severity: 'error', about: 'image', proof: true } as const;
const image = { severity: 'error', about: 'image' } as const;
const environment = { severity: 'error', about: 'environment' } as const;

/** Every finding that there is, by its code. */
export const catalogue = {
  'digest-mismatch': {
    stage: 'verify',
    ...chain,
    what: 'Bytes do not have the digest that names them.',
    why: 'A pull by that digest fails, or gives something other than what was tested.',
    remedy: 'Run again. If it happens again, the builder, the disk or the registry corrupts data.',
  },
  'tested-other-bytes': {
    stage: 'test',
    ...chain,
    what: 'The engine ran an image other than the one that was built.',
    why: 'A test of other bytes says nothing about what is published.',
    remedy: 'Remove that image from the engine and run again.',
  },
  'served-other': {
    stage: 'verify',
    ...chain,
    what: 'The registry serves something other than what was tested.',
    why: 'Users pull what was never tested.',
    remedy: 'Run again. If other workflows push to this tag, let only one of them do so.',
  },
  'served-platforms': {
    stage: 'verify',
    ...chain,
    what: 'The published index does not list exactly the platforms that were tested.',
    why: 'A platform is missing, or one is served that was never tested.',
    remedy: 'Run again, and look for other workflows that push to this tag.',
  },
  'tag-moved': {
    stage: 'verify',
    ...chain,
    what: 'A tag points to a digest other than the one that this run published.',
    why: 'Something else was pushed to it in the meantime: what users pull is not what was tested.',
    remedy: 'Publish by digest, or let only one workflow push to the tag.',
  },
  'platform-lost': {
    stage: 'publish',
    ...image,
    what: 'A tag serves platforms that this run does not publish and would remove from it.',
    why: 'Machines of these platforms could no longer pull the tag. When two jobs publish one platform each under one tag, the second removes what the first published.',
    remedy:
      'Publish all platforms of a tag in one run, or each under a tag of its own. Name platforms that may disappear in "replaces".',
  },
  'tag-exists': {
    stage: 'publish',
    ...image,
    what: 'A tag already exists, and "existing" does not allow replacing it.',
    why: 'Users of that tag would pull something other than before.',
    remedy: 'Use another tag, or allow replacing it: "existing: replace".',
  },
  'index-taken-over': {
    stage: 'publish',
    severity: 'note',
    about: 'image',
    what: 'A tag that cannot be replaced already serves the tested platforms; its index was published in place of the new one.',
    why: 'Provenance contains the times of its build, so a second build gives another index.',
    remedy: 'Nothing: every tag serves the tested manifests.',
  },
  'build-failed': {
    stage: 'build',
    ...image,
    what: 'The build ended with an error.',
    why: 'There is no image to test.',
    remedy: 'Fix the step that failed.',
    general: true,
  },
  'build-warning': {
    stage: 'build',
    severity: 'note',
    about: 'image',
    what: 'BuildKit warned about a line of the Dockerfile, or the lifecycle of something in the build.',
    why: 'It is often a mistake that shows only later.',
    remedy: 'Follow the link in the message.',
  },
  'arg-with-default': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'A default of ARG hides what BuildKit says of the platform (TARGETARCH, TARGETPLATFORM and so on).',
    why: 'All platforms are built with that default: as if they were the one that it names.',
    remedy: 'Write ARG without a value. BuildKit sets it for each platform.',
  },
  'argument-undeclared': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'A RUN uses what BuildKit sets of the platform (TARGETARCH and so on), and no ARG above it in its stage declares that.',
    why: 'It is empty there; what compiles by it makes the same for all platforms. An ARG before the first FROM is for the FROM lines only.',
    remedy: 'Declare it in the stage: ARG TARGETARCH, above the RUN.',
  },
  'argument-unused': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'A build argument is given, and no ARG of the Dockerfile takes it.',
    why: 'It has no effect; it may be misspelt.',
    remedy: 'Correct the name, declare it with ARG, or remove it.',
  },
  'source-missing': {
    stage: 'plan',
    ...image,
    what: 'A step copies a file that the build context does not have, or that .dockerignore leaves out.',
    why: 'The build would fail at this step. Nothing of the image is built.',
    remedy: 'Correct the path, add the file, or keep it in .dockerignore.',
  },
  'base-unset': {
    stage: 'plan',
    ...image,
    what: 'A FROM needs a build argument that has no value.',
    why: 'The build would fail before its first step. Nothing of the image is built.',
    remedy: 'Give the argument, or a default to its ARG before the first FROM.',
  },
  'platform-constant': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'The stage that is built starts from an image whose platform is written down, and is not the one of the build.',
    why: 'The image says that it is for one platform and has the programs of another; the checks of its contents then fail.',
    remedy:
      'Leave --platform out of this FROM. A stage that only compiles may have --platform=$BUILDPLATFORM, if another one is built.',
  },
  'stage-misspelt': {
    stage: 'plan',
    severity: 'note',
    about: 'image',
    what: 'A Dockerfile takes an image whose name is nearly that of one of its stages.',
    why: 'If the stage is meant, BuildKit looks for an image of that name, and pulls it if there is one.',
    remedy: 'Correct the name if the stage is meant.',
  },
  'secret-unused': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'A secret is given to a build, and no RUN of the Dockerfile mounts it.',
    why: 'It has no effect; its id may be misspelt.',
    remedy: 'Correct the id, mount it with RUN --mount=type=secret, or remove it.',
  },
  'secret-missing': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'A RUN of the Dockerfile requires a secret that the build is not given.',
    why: 'The step fails, unless its result is in the cache.',
    remedy: 'Give the secret under this id.',
  },
  'no-shell': {
    stage: 'plan',
    severity: 'note',
    about: 'image',
    what: 'A test is written as text, and the Dockerfile puts no shell into the image.',
    why: 'A text is run by /bin/sh of the image.',
    remedy: 'Write the test as a list: the program and its arguments.',
  },
  'configuration-copied': {
    stage: 'plan',
    severity: 'note',
    about: 'image',
    what: 'A step copies the configuration of the run out of the build context.',
    why: 'Whenever a test is edited, the step and those behind it are executed again, and the image is another one.',
    remedy: 'Add the file to .dockerignore, if the image does not need it.',
  },
  'cache-unread': {
    stage: 'build',
    severity: 'note',
    about: 'environment',
    what: 'One of the caches of a build could not be read.',
    why: 'What the cache contains was built again. This is expected before the first run has written the cache.',
    remedy:
      'Nothing if the cache has not been written yet. Otherwise look at the answer of its registry.',
  },
  'base-moved': {
    stage: 'build',
    severity: 'warning',
    about: 'image',
    what: 'One base image reference gave different images for different platforms.',
    why: 'The platforms of the index differ in more than their architecture.',
    remedy: 'Pin the base by digest.',
  },
  'look-alike-files': {
    stage: 'build',
    severity: 'note',
    about: 'image',
    what: 'Two builds copy different files that have the same path, size and modification time.',
    why: 'BuildKit may confuse them (moby/buildkit#4950).',
    remedy: 'Nothing: contexts that differ are given names of their own.',
  },
  'config-platform': {
    stage: 'inspect',
    ...image,
    what: "The image's configuration names a platform other than the one requested.",
    why: 'Engines select an image by that entry.',
    remedy: 'Look for a FROM with a fixed --platform in the last stage.',
  },
  'layer-unread': {
    stage: 'inspect',
    ...image,
    what: 'A layer could not be read to its end, or contains entries that engines refuse.',
    why: 'Its contents cannot be checked, and an engine may refuse to unpack it.',
    remedy: 'Look at the instruction that made the layer, and build without the cache.',
  },
  'layers-refused': {
    stage: 'test',
    ...image,
    what: "The engine refuses the image's layers.",
    why: 'They are damaged, or there are more than an engine accepts: the image cannot be run.',
    remedy:
      'Look at the instruction that made the layer. If there are too many layers, combine RUN instructions, or copy the result into a last stage.',
  },
  'arch-mismatch': {
    stage: 'inspect',
    ...image,
    what: "A program is for an architecture other than the image's.",
    why: 'It cannot run on the machines that the image is for.',
    remedy: 'Compile or download it for $TARGETARCH, or use a base image that has the platform.',
  },
  'foreign-files': {
    stage: 'inspect',
    severity: 'note',
    about: 'image',
    what: 'The image contains files for another platform, which its `foreign` permits.',
    why: 'They cannot run on the machines that the image is for. The configuration gives the reason.',
    remedy: 'Check that the reason still applies.',
  },
  'foreign-unused': {
    stage: 'inspect',
    severity: 'note',
    about: 'image',
    what: 'An entry of `foreign` has no effect.',
    why: 'It may be misspelt, or the files it was for are gone; later it may permit too much.',
    remedy: 'Correct the path, or remove the entry.',
  },
  'equal-layers': {
    stage: 'inspect',
    ...image,
    what: 'Two platforms of an image contain the same programs, which run on only one of them.',
    why: 'They cannot run on machines of the other.',
    remedy:
      'Compile for $TARGETARCH. Files that are meant for another platform can be listed under "foreign".',
  },
  'empty-on-one-platform': {
    stage: 'inspect',
    ...image,
    what: 'A file is empty on one platform of an image and not on another.',
    why: 'A step failed there without an error, as some programs do under emulation.',
    remedy:
      'Look at the instruction that made the layer: join its commands with && or use set -e, and check what they write.',
  },
  'tree-differs': {
    stage: 'inspect',
    severity: 'note',
    about: 'image',
    what: 'A file exists on only some platforms of an image, or has another type on some of them.',
    why: 'It may be intended, or a step behaved differently on one platform.',
    remedy: 'Nothing, if it is intended.',
  },
  'program-missing': {
    stage: 'inspect',
    ...image,
    what: "The image's own program is not in its layers.",
    why: 'A container of this image cannot start.',
    remedy: 'Copy the program into the last stage, or fix ENTRYPOINT or CMD.',
  },
  'program-not-executable': {
    stage: 'inspect',
    ...image,
    what: "The image's own program is there, and its file mode does not let it be executed, or not by the image's user.",
    why: 'A container of this image cannot start. A file from Windows, an archive or a download has no x bit.',
    remedy: 'Copy it with COPY --chmod=0755, or set the bit in the step that makes it.',
  },
  'program-unstartable': {
    stage: 'inspect',
    ...image,
    what: "The image's own program is there and executable, and no kernel starts it.",
    why: 'A container of this image cannot start: "exec format error". The kernel starts ELF files, and scripts whose first two characters are #!.',
    remedy:
      'Begin a script with #!/bin/sh, saved without a byte order mark. Build or download another program again, and check that it is whole.',
  },
  'interpreter-missing': {
    stage: 'inspect',
    ...image,
    what: 'A program needs an interpreter that is not in the image.',
    why: 'Starting it ends with "no such file or directory".',
    remedy:
      'Install the interpreter of a script, or change its first line (#!), also where it ends with CR LF. Link another program statically (CGO_ENABLED=0), or use a base image that has its loader.',
  },
  'go-main': {
    stage: 'inspect',
    ...image,
    what: 'The Go program is not the expected one.',
    why: 'One component was built under the name of another.',
    remedy: 'Check the path that the Dockerfile passes to go build, and the build context.',
  },
  'git-credentials': {
    stage: 'inspect',
    ...image,
    what: 'A layer contains a Git repository with credentials in its configuration.',
    why: 'Everyone who can pull the image can read them, even if a later layer deletes the file.',
    remedy:
      'Add .git to .dockerignore, check out with persist-credentials: false, and revoke the credentials if an image with them was published.',
  },
  'no-program': {
    stage: 'inspect',
    severity: 'note',
    about: 'image',
    what: 'The image defines no program to start.',
    why: 'A container of it starts only when a command is given.',
    remedy: 'Set ENTRYPOINT or CMD, unless the image is meant as a base image.',
  },
  'launcher-missing': {
    stage: 'inspect',
    ...image,
    what: 'An image from buildpacks has no launcher, or its labels do not say how it was built.',
    why: 'The launcher starts its processes in the environment of the buildpacks, and the labels are what it is compared with a deployment by.',
    remedy:
      'Use a builder with an unchanged lifecycle, of a version that its makers still support.',
  },
  'test-failed': {
    stage: 'test',
    ...image,
    what: 'A test inside the image did not give the expected result.',
    why: 'The image does not work as expected on this platform.',
    remedy: 'Run it again on this platform alone with --only IMAGE@PLATFORM.',
  },
  'lines-go-on': {
    stage: 'test',
    severity: 'note',
    about: 'image',
    what: 'A test of several lines runs in a shell that may not stop at a line that fails.',
    why: 'The test passes as soon as its last line succeeds.',
    remedy: 'Make each line end the test itself, or start another shell with a list.',
  },
  'cannot-execute': {
    stage: 'test',
    ...image,
    what: 'The program could not be executed.',
    why: 'It is missing, not executable, or for another architecture.',
    remedy:
      'Check the test, and ENTRYPOINT, CMD or the process type. A test that is a text needs a shell in the image.',
  },
  'program-killed': {
    stage: 'test',
    ...image,
    what: "A signal ended the image's own program as soon as it was started.",
    why: 'It crashes or runs out of memory before it has done anything.',
    remedy:
      'Start it by itself on this platform. If it is meant to end this way, write a test with that exit code.',
  },
  'started-only': {
    stage: 'test',
    severity: 'warning',
    about: 'image',
    what: 'There is no test; the program was only started.',
    why: 'A program that starts does not necessarily work.',
    remedy: 'Add a test, `--version` at least.',
  },
  'test-errored': {
    stage: 'test',
    ...environment,
    what: 'A test could not be run.',
    why: 'Nothing can be said about the image.',
    remedy: 'Look at the reason, and run again.',
  },
  'platform-not-runnable': {
    stage: 'environment',
    ...environment,
    what: 'This machine cannot run programs of the platform.',
    why: 'What cannot be run cannot be tested, and what was not tested is not published.',
    remedy: 'Install an emulator for it, or use a machine of that architecture.',
  },
  'emulator-old': {
    stage: 'environment',
    severity: 'warning',
    about: 'environment',
    what: 'The emulator of a platform lacks openat2(2), which works on this engine natively.',
    why: 'GNU tar of 2026 extracts files by it. A step or a test that then fails with its words says nothing about the image (exit 3).',
    remedy:
      'Register a newer emulator (QEMU 10.1.3 or later), or use a machine of that architecture.',
  },
  'native-node-unused': {
    stage: 'environment',
    severity: 'warning',
    about: 'image',
    what: 'A platform is built under emulation although a node of the builder runs it natively.',
    why: 'buildx uses the first node that supports a platform. Emulation is slow, and emulators have bugs of their own.',
    remedy:
      'Assign the platform to that node: docker buildx create --append --node NODE --platform.',
  },
  'engine-failed': {
    stage: 'environment',
    ...environment,
    what: 'The engine or the builder failed.',
    why: 'Nothing can be said about the image.',
    remedy: "Look at the engine's message, and run again.",
  },
  'name-taken': {
    stage: 'test',
    ...environment,
    what: 'The engine already has an image under a name that "load" would give, and it is not this repository\'s.',
    why: 'Later jobs on this machine that use the name would run what an untrusted run built.',
    remedy:
      'Load under another name, remove the image (docker image rm NAME), or have a trusted run of this repository load it once.',
  },
  'not-authorized': {
    stage: 'environment',
    ...environment,
    what: 'A registry does not allow this run to push, or to use its cache there.',
    why: 'The result could not be published or cached, so nothing is built.',
    remedy: 'Log in to the registry before this step, or allow the login to push.',
  },
  'registry-failed': {
    stage: 'publish',
    ...environment,
    what: 'The registry refused a request or did not answer.',
    why: 'What was tested could not be published or read back.',
    remedy: "Look at the registry's answer. A rerun continues where this run stopped.",
  },
  'publication-failed': {
    stage: 'publish',
    ...environment,
    what: 'Publishing or reading back ended for a reason other than the registry.',
    why: 'What was tested is not published everywhere, or is not verified.',
    remedy:
      'Run again: a rerun continues where this run stopped. If it happens again, please report it.',
  },
  'two-loopbacks': {
    stage: 'environment',
    ...environment,
    what: "A registry on this machine's loopback is not on the engine's.",
    why: 'One name means two machines: what is pushed to one is not what is pulled from the other.',
    remedy: 'Use a name or an address of the registry that both machines can reach.',
  },
  'not-pulled': {
    stage: 'build',
    ...environment,
    what: 'A base image cannot be pulled.',
    why: 'The build cannot start.',
    remedy: 'Check the reference and the credentials for its registry.',
  },
  'lock-disagrees': {
    stage: 'plan',
    ...image,
    what: 'The parity lock has facts that are not those of the builder that it pins.',
    why: 'Somebody edited them, or the builder is gone: the lock does not say what is built. Nothing of the image is built.',
    remedy: 'Run sea-trial parity update; facts under "derived" are not edited by hand.',
  },
  'lock-behind': {
    stage: 'plan',
    severity: 'note',
    about: 'image',
    what: 'A pin of the parity lock was changed, and its facts are those of the earlier one.',
    why: 'The build uses the pin; the facts were read again for this run.',
    remedy: 'Run sea-trial parity update, and commit the lock.',
  },
  'named-after-repository': {
    stage: 'plan',
    severity: 'note',
    about: 'image',
    what: 'The input `tags` is empty, and the image is called after the repository.',
    why: 'Nothing is pushed. A run that pushes needs tags.',
    remedy:
      'Nothing, if this event gives no tags on purpose. Otherwise give the step that makes the tags a rule for this event.',
  },
  'not-locked': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'There is a parity lock, and it has no entry for an image from buildpacks.',
    why: 'The image is built with whatever its references name now. After an image is renamed, its entry in the lock is used by none.',
    remedy: 'Run sea-trial parity lock; where the image was renamed, rename its entry in the lock.',
  },
  'parity-differs': {
    stage: 'inspect',
    ...image,
    what: 'An image from buildpacks was built otherwise than the parity lock has it.',
    why: 'It is not what the deployment builds: tests that it passes say nothing about that.',
    remedy:
      'Build with what the lock has, or run sea-trial parity update if the deployment builds like this now; buildpacks that the deployment adds are named in "injected".',
  },
  'builder-moved': {
    stage: 'plan',
    ...image,
    what: 'The deployment builds with another builder or run image than the parity lock pins.',
    why: 'What CI tests is not what the deployment makes.',
    remedy: 'Run sea-trial parity update, and test with what is new.',
  },
  'channel-ended': {
    stage: 'plan',
    ...image,
    what: 'The channel of the parity lock is no longer served by the deployment.',
    why: 'The deployment refuses to build with it.',
    remedy: 'Lock another channel: sea-trial parity lock --channel default.',
  },
  'builder-unusable': {
    stage: 'plan',
    ...image,
    what: 'A builder or its run image cannot build this image.',
    why: 'It is no builder, has no image for a platform, or needs tools that are not there. Nothing of the image is built.',
    remedy: 'Choose a builder that has what is missing.',
  },
  'version-not-offered': {
    stage: 'plan',
    ...image,
    what: 'A file pins a version of a language that no buildpack of the builder offers.',
    why: 'The build would fail, and so would the deployment that uses this builder. Nothing of the image is built.',
    remedy: 'Pin a version that is offered, or choose a newer builder.',
  },
  'pin-invalid': {
    stage: 'plan',
    ...image,
    what: 'A file that pins a version is refused by the buildpack that reads it.',
    why: 'The build would fail. Nothing of the image is built.',
    remedy: 'Correct the file.',
  },
  'pin-not-read': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'A file pins a version, and no buildpack of the builder reads it.',
    why: 'The image gets another version than the file says, or the build fails.',
    remedy: 'Write the version where the buildpack reads it.',
  },
  'version-deprecated': {
    stage: 'plan',
    severity: 'warning',
    about: 'image',
    what: 'The makers of a pinned version give it up soon, or have done so.',
    why: 'It gets no more security fixes, and newer builders do not offer it.',
    remedy: 'Pin a newer version.',
  },
  'version-unknown': {
    stage: 'plan',
    severity: 'note',
    about: 'image',
    what: 'Whether the builder offers a pinned version cannot be known before the build.',
    why: 'The buildpack keeps its versions in its program, or asks for them while it builds.',
    remedy:
      'Nothing: the build shows it. For Go, Node.js and Python, sea-trial parity probe asks the buildpack once and keeps its answer in the lock.',
  },
  'probe-unanswered': {
    stage: 'plan',
    ...image,
    what: 'A buildpack did not name a version when it was asked by a build.',
    why: 'What it offers stays unknown before a build; the lock keeps no answer of it.',
    remedy:
      'Read what the build wrote; versions that are known otherwise can be written by hand under "offers" in the lock.',
  },
} as const satisfies Record<string, CatalogueEntry>;

/** The code of a finding, which readers of evidence may rely on. */
export type Code = keyof typeof catalogue;

/** Whether a text is the code of a finding. */
export function isCode(text: string): text is Code {
  return Object.hasOwn(catalogue, text);
}

/** Compares two codes by the stages that find them: what is found earlier may be why the later is so. */
export function byStage(one: string, other: string): number {
  const order = (code: string) =>
    isCode(code) ? STAGES.indexOf(catalogue[code].stage) : STAGES.length;
  return order(one) - order(other);
}

/**
 * Makes a finding of a catalogued code. Severity and remedy are the table's unless
 * given, a general remedy is left out; the configured severities are applied later, by
 * the verdict.
 */
export function finding(
  code: Code,
  subject: Finding['subject'],
  message: string,
  more: Partial<Omit<Finding, 'code' | 'subject' | 'message'>> = {},
): Finding {
  const entry: CatalogueEntry = catalogue[code];
  const { severity, remedy, general } = entry;
  return { code, severity, subject, message, ...(general ? {} : { remedy }), ...more };
}
