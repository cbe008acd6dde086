import {
  type BuildFacts,
  builtBy,
  type EnvironmentFacts,
  type Evidence,
  type JudgedTrial,
  placeText,
  type TestResult,
} from '../../evidence/index.js';
import { bytes, count, duration } from '../format.js';
import { markOf, pullSize, type Report } from '../model/index.js';
import { code, copied, fenced, markdown } from '../untrusted.js';
import { folded, RERUN, type Section, tableOf } from './sections.js';

/** Of a file that is shown; inputs seldom make twenty. */
const FILE_LINES = 200;

function testWords({ name, outcome, duration: took }: TestResult): string {
  const mark = outcome === 'passed' ? '✔' : outcome === 'not-run' ? '·' : '✘';
  return `${mark} ${markdown(name, 80)} ${duration(took)}`;
}

/** What a lifecycle takes from its cache is no share of its phases. */
function row({ image, platform, facts }: JudgedTrial, hasPhases: boolean): readonly string[] {
  const steps = facts?.build?.steps ?? [];
  const cached = steps.filter((step) => step.cached).length;
  return [
    markdown(image),
    markdown(platform),
    facts?.build === undefined ? '' : duration(facts.build.duration),
    steps.length === 0 || hasPhases ? '' : `${cached} of ${count(steps.length, 'step')}`,
    facts?.built === undefined ? '' : bytes(pullSize(facts.built)),
    (facts?.tests ?? []).slice(0, 30).map(testWords).join('<br>'),
  ];
}

const NO_LABELS =
  'Images from buildpacks have the labels that the lifecycle writes and no others; <code>org.opencontainers.image.*</code> are annotations of their index.';

/** What passed, folded in: build time, cached share, size and tests of each trial. */
export function passedSection({ trials, evidence }: Report): Section {
  const passed = trials.filter(({ state }) => state === 'passed');
  if (passed.length === 0) return { text: '', rank: 6 };
  const head = ['image', 'platform', 'build', 'cached', 'size', 'tests'];
  const allowed = passed.filter((trial) => markOf(trial.state, [trial]) !== '✔').length;
  const but = allowed === 0 ? '' : `, ${allowed} with failed tests, which "checks" allows`;
  const title = `${count(passed.length, 'trial')} passed${but}`;
  const buildpacks = builtBy(evidence.plan.images, 'buildpack').map(({ id }) => id);
  const isOne = passed.some(({ image }) => buildpacks.includes(image));
  const rows = passed.map((trial) => row(trial, buildpacks.includes(trial.image)));
  const text = [tableOf(head, rows), ...(isOne ? [NO_LABELS] : [])].join('\n\n');
  return { text: folded(title, text), rank: 6 };
}

/** What the engine does not share with this machine. */
function separate({ sharesLoopback, sharesFiles }: EnvironmentFacts['engine']): string {
  const others = [
    ...(sharesFiles === 'no' ? ['file system'] : []),
    ...(sharesLoopback === 'no' ? ['loopback'] : []),
  ];
  return others.length === 0 ? '' : `, with a ${others.join(' and a ')} of its own`;
}

/** `heroku/builder:24@sha256:…`: what a build used, by the digest that it had. */
function pinned({ reference, digest }: BuildFacts['bases'][number]): string {
  return code(reference.includes('@') ? reference : `${reference}@${digest}`, 300);
}

/** Builder and run image of each image from buildpacks, by the first of its builds that tells. */
function buildpackLines({ plan, trials }: Evidence): readonly string[] {
  return builtBy(plan.images, 'buildpack').flatMap(({ id, build }) => {
    const [builder, runImage] =
      trials.find((trial) => trial.image === id && trial.build?.bases.length === 2)?.build?.bases ??
      [];
    if (builder === undefined || runImage === undefined) return [];
    const by = build.flow === 'pack' ? 'pack' : "the lifecycle's creator";
    const { lock } = build;
    const locked = lock === undefined ? '' : `, as ${code(placeText(lock), 200)} has it`;
    return [
      `- ${markdown(id)}: buildpacks of the builder ${pinned(builder)}, on the run image ${pinned(runImage)}, by ${by}${locked}`,
    ];
  });
}

/** Engine, builder and emulators with their versions. */
export function environmentSection(evidence: Evidence): Section {
  const { environment, tool, run } = evidence;
  const { revision, dirty } = run.source;
  const source = [
    ...(revision === undefined ? [] : [`- revision ${code(revision)}`]),
    ...(dirty.length === 0
      ? []
      : [
          `- not committed: ${dirty
            .slice(0, 20)
            .map((path) => code(path))
            .join(', ')}`,
        ]),
  ];
  const { trust } = run;
  const trusted = trust?.untrusted ? 'untrusted' : 'trusted';
  const lines = [
    `- ${markdown(tool.name)} ${markdown(tool.version)}`,
    ...source,
    ...(trust === undefined ? [] : [`- ${trusted}: ${markdown(trust.reason)}`]),
  ];
  if (environment !== undefined) {
    const { engine, builder, platforms } = environment;
    const rootless = engine.rootless ? ', rootless' : '';
    const versions = [
      ...new Set(builder.nodes.map(({ buildkit }) => buildkit ?? 'built into the engine')),
    ];
    lines.push(
      `- engine ${markdown(engine.name)} ${markdown(engine.version)}, ${engine.store} image store, ${markdown(engine.platform)}${rootless}${separate(engine)}`,
      `- builder ${code(builder.name)}, driver ${markdown(builder.driver)}, buildx ${markdown(builder.buildx)}, BuildKit ${markdown(versions.join(', '))}`,
      ...platforms.map(({ platform, emulated, handler, proof }) => {
        if (emulated && proof === undefined)
          return `- ${markdown(platform)} not verified to run here`;
        const how = emulated
          ? `emulated${handler === undefined ? '' : ` by ${markdown(handler)}`}`
          : 'native';
        return `- ${markdown(platform)} ${how}${proof === undefined ? '' : `, verified: ${markdown(proof)}`}`;
      }),
    );
  }
  lines.push(...buildpackLines(evidence));
  return { text: folded('Environment', lines.join('\n')), rank: 4 };
}

function fileLines({ fileFirst }: Report): readonly string[] {
  if (fileFirst === undefined) return [];
  const { how, file, text } = fileFirst;
  const verb = how === 'write' ? 'Write this to' : 'Add this to';
  const lines = text.trimEnd().split('\n').slice(0, FILE_LINES).map(copied);
  return [
    `The inputs of the action describe the image; the command line needs it in a file. ${verb} ${code(file, 200)}:`,
    fenced(lines, 'yaml'),
  ];
}

/** The commands that do the same on another machine, and the file that they need. */
export function rerunSection(report: Report): Section {
  const commands = fenced(report.reruns.map(copied), 'sh');
  const text = [...fileLines(report), commands].join('\n\n');
  return { text: folded(RERUN, text), rank: 4 };
}
