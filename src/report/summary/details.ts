import type {
  Evidence,
  JudgedTrial,
  Surroundings,
  TestResult,
  Verdict,
} from '../../evidence/index.js';
import { bytes, count, duration } from '../format.js';
import { again, allAgain, fileFirst } from '../repeat.js';
import { code, copied, fenced, markdown } from '../untrusted.js';
import { pullSize } from '../words.js';
import { folded, REPEAT, type Section, tableOf } from './sections.js';

/** Of a file that is shown; inputs seldom make twenty. */
const FILE_LINES = 200;

function testWords({ name, outcome, duration: took }: TestResult): string {
  const mark = outcome === 'passed' ? '✔' : outcome === 'not-run' ? '·' : '✘';
  return `${mark} ${markdown(name, 80)} ${duration(took)}`;
}

function row({ image, platform, facts }: JudgedTrial): readonly string[] {
  const steps = facts?.build?.steps ?? [];
  const cached = steps.filter((step) => step.cached).length;
  return [
    markdown(image),
    markdown(platform),
    facts?.build === undefined ? '' : duration(facts.build.duration),
    steps.length === 0 ? '' : `${cached} of ${count(steps.length, 'step')}`,
    facts?.built === undefined ? '' : bytes(pullSize(facts.built)),
    (facts?.tests ?? []).slice(0, 30).map(testWords).join('<br>'),
  ];
}

/** What passed, folded in: build time, cached share, size and tests of each trial. */
export function passedSection(verdict: Verdict): Section {
  const passed = verdict.trials.filter(({ state }) => state === 'passed');
  if (passed.length === 0) return { text: '', rank: 6 };
  const head = ['image', 'platform', 'build', 'cached', 'size', 'tests'];
  const title = `${count(passed.length, 'trial')} passed`;
  return { text: folded(title, tableOf(head, passed.map(row))), rank: 6 };
}

/** What of the engine's own is not what this machine has under the same name. */
function apart({ sharesLoopback, sharesFiles }: Surroundings['engine']): string {
  const others = [
    ...(sharesFiles === 'no' ? ['file system'] : []),
    ...(sharesLoopback === 'no' ? ['loopback'] : []),
  ];
  return others.length === 0 ? '' : `, with a ${others.join(' and a ')} of its own`;
}

/** Engine, builder and emulators with their versions. */
export function environmentSection({ surroundings, tool, run }: Evidence): Section {
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
    ...(trust === undefined ? [] : [`- ${trusted}: ${markdown(trust.why)}`]),
  ];
  if (surroundings !== undefined) {
    const { engine, builder, platforms } = surroundings;
    const rootless = engine.rootless ? ', rootless' : '';
    const kit = [...new Set(builder.nodes.map(({ buildkit }) => buildkit ?? 'of the engine'))];
    lines.push(
      `- engine ${markdown(engine.name)} ${markdown(engine.version)}, ${engine.store} image store, ${markdown(engine.platform)}${rootless}${apart(engine)}`,
      `- builder ${code(builder.name)}, driver ${markdown(builder.driver)}, buildx ${markdown(builder.buildx)}, BuildKit ${markdown(kit.join(', '))}`,
      ...platforms.map(({ platform, emulated, handler, proof }) => {
        if (emulated && proof === undefined) return `- ${markdown(platform)} not shown to run here`;
        const how = emulated
          ? `emulated${handler === undefined ? '' : ` by ${markdown(handler)}`}`
          : 'native';
        return `- ${markdown(platform)} ${how}${proof === undefined ? '' : `, proved: ${markdown(proof)}`}`;
      }),
    );
  }
  return { text: folded('Environment', lines.join('\n')), rank: 4 };
}

function fileLines(evidence: Evidence): readonly string[] {
  const first = fileFirst(evidence);
  if (first === undefined) return [];
  const file = code(first.file, 200);
  const how =
    first.how === 'write'
      ? `Inputs describe the image, which a command line cannot. Write this to ${file}:`
      : `Inputs describe the image, which a command line cannot. Add this to ${file}:`;
  const lines = first.text.trimEnd().split('\n').slice(0, FILE_LINES).map(copied);
  return [how, fenced(lines, 'yaml')];
}

/** The command that does the same on one's own machine, and the file that it needs. */
export function repeatSection(evidence: Evidence, verdict: Verdict): Section {
  const bad = verdict.trials.filter(({ state }) => state !== 'passed').slice(0, 5);
  const each = bad.map(({ image, platform }) => again(evidence, image, platform));
  const commands = fenced([...each, allAgain(evidence)].map(copied), 'sh');
  const text = [...fileLines(evidence), commands].join('\n\n');
  return { text: folded(REPEAT, text), rank: 4 };
}
