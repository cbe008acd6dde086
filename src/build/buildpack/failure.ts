import { type BuildpackImage, type Finding, finding } from '../../evidence/index.js';
import { emulatorFault } from '../../platform/index.js';
import { defined } from '../../types/index.js';
import { emulatorRemedy } from '../emulator-remedy.js';
import { type LifecycleReason, reasonByCode, reasonByWords } from './failure-reasons.js';
import type { LifecycleProgress } from './progress.js';

/** A build that ended without an image. */
interface EndedBuild {
  readonly image: Pick<BuildpackImage, 'id' | 'build' | 'location'>;
  readonly platform: string;
  readonly emulated?: boolean;
  readonly tarWords?: string;
}

const DETAIL = 20;

const FREE_SPACE = "Free space on the engine's disk, then run again.";

/** A buildpack says near its end what it ended for. */
const LAST_WORDS = 5;

const NO_SPACE = /no space left on device/i;

/** What the lifecycle's container writes where nothing runs programs of its platform. */
const NOT_EXECUTED =
  /exec [^\s:]*(?:\/cnb\/lifecycle\/\S+|creator\S*|lifecycle\S*): exec format error/;

/** `failed to build: ` of the lifecycle, and of pack around it. */
const OUTER = /^(?:failed to build: )?(?:executing lifecycle: )?/;

/** pack's own last word about a container whose words stand before it. */
const STATUS_ONLY = /\bfailed with status code: \d+$/;

/** What the message does not say already. */
function withoutError(lines: readonly string[], error: string): readonly string[] {
  const said = lines.findLastIndex((line) => line.startsWith('ERROR: ') && line.endsWith(error));
  return lines.filter((line, at) => at !== said && !STATUS_ONLY.test(line));
}

/** More buildpacks than these are counted only. */
const NAMED = 5;

function listed(names: readonly string[]): string {
  const more = names.length - NAMED;
  const shown = names.slice(0, NAMED).join(', ');
  return more > 0 ? `${shown} and ${more} more` : shown;
}

/** The tool's own words: the last ones that say more than an exit code. */
function errorOf(progress: LifecycleProgress): string {
  const said = progress.errors();
  const own = said.findLast((line) => !STATUS_ONLY.test(line)) ?? said.at(-1);
  return (own ?? progress.text().at(-1) ?? 'it ended without an error message').replace(OUTER, '');
}

/** The buildpack at work, where the output tells it, or where there is only one. */
function buildpackOf(progress: LifecycleProgress): string | undefined {
  const [only, ...more] = progress.buildpacks();
  return progress.last()?.buildpack ?? (more.length === 0 ? only : undefined);
}

function builtByNone(progress: LifecycleProgress): LifecycleReason {
  const asked = progress.detections();
  const names = asked.map(({ buildpack }) => buildpack);
  const who = names.length === 0 ? '' : ` (${listed(names)})`;
  return {
    code: 'build-failed',
    words: `no buildpack of the builder${who} builds this application`,
    saysAll: true,
    remedy:
      'Check that "context" is the folder of the application and holds the file by which a buildpack knows it (requirements.txt, package.json, go.mod), or name the buildpacks: build.buildpack.buildpacks.',
    detail: asked.map(({ buildpack, result }) => `${result}: ${buildpack}`),
  };
}

function failedToDetect(progress: LifecycleProgress): LifecycleReason {
  const failed = progress.detections().filter(({ result }) => result === 'err');
  const [first] = failed;
  const names = listed(failed.map(({ buildpack }) => buildpack));
  const exit = first?.exitCode === undefined ? '' : ` with exit ${first.exitCode}`;
  return {
    code: 'build-failed',
    words:
      first === undefined
        ? 'a buildpack failed while it looked at the application'
        : `buildpack ${names} failed${exit} while it looked at the application`,
    ...(first === undefined ? {} : { saysAll: true as const }),
    remedy: 'Fix what the buildpack names in its output.',
    ...(first === undefined ? {} : { detail: first.output }),
  };
}

function failedToBuild(progress: LifecycleProgress): LifecycleReason {
  const buildpack = buildpackOf(progress);
  const all = progress.buildpacks();
  const unknown = all.length === 0 ? 'a buildpack' : `one of the buildpacks ${listed(all)}`;
  return {
    code: 'build-failed',
    words: `${buildpack === undefined ? unknown : `buildpack ${buildpack}`} failed`,
    remedy: 'Fix what the buildpack names in its output.',
  };
}

/** What the surroundings did wrong, whichever phase that was in. */
function surroundings(
  progress: LifecycleProgress,
  error: string,
  emulation: Pick<EndedBuild, 'emulated' | 'tarWords'>,
): LifecycleReason | undefined {
  const { phase, log = [] } = progress.last() ?? {};
  if (phase === undefined && NOT_EXECUTED.test([...progress.text(), error].join('\n'))) {
    return {
      code: 'platform-not-runnable',
      words: 'the lifecycle could not be executed: programs of this platform do not run here',
    };
  }
  const fault = emulation.emulated ? emulatorFault(log.join('\n'), emulation.tarWords) : undefined;
  if (fault !== undefined) {
    return {
      code: 'platform-not-runnable',
      words: `the emulator failed in the build; the image is not at fault: ${fault}`,
      remedy: emulatorRemedy(emulation),
    };
  }
  if (NO_SPACE.test([...log.slice(-LAST_WORDS), error].join('\n'))) {
    return { code: 'engine-failed', words: "the engine's disk is full", remedy: FREE_SPACE };
  }
  return undefined;
}

function reasonOf(
  progress: LifecycleProgress,
  code: number | undefined,
  error: string,
): LifecycleReason {
  if (code === 20) return builtByNone(progress);
  if (code === 21) return failedToDetect(progress);
  if (code === 51) return failedToBuild(progress);
  return reasonByWords(error) ?? reasonByCode(code, buildpackOf(progress));
}

/**
 * Says why a build with buildpacks failed, and whether the image or the surroundings are to
 * blame. `exitCode`: of the program that the plan's flow runs, pack or the lifecycle's creator.
 */
export function buildpackFailure(
  ended: EndedBuild,
  progress: LifecycleProgress,
  exitCode: number | undefined,
): Finding {
  const { image, platform } = ended;
  const code = image.build.flow === 'creator' ? exitCode : progress.status();
  const error = errorOf(progress);
  const reason = surroundings(progress, error, ended) ?? reasonOf(progress, code, error);
  const log = progress.last()?.log ?? [];
  const lines = reason.detail ?? (log.length > 0 ? log : progress.text());
  const detail = withoutError(lines, error).slice(-DETAIL);
  const subject = { image: image.id, platform };
  const message = reason.saysAll ? reason.words : `${reason.words}: ${error}`;
  return finding(reason.code, subject, message, {
    ...defined({ remedy: reason.remedy, location: image.location }),
    detail,
  });
}
