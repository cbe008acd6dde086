import { builtBy, type JudgedTrial } from '../../evidence/index.js';
import type { Report } from '../model/index.js';
import { folded, type Section } from './sections.js';

/** Bars in sight; more of them would push everything else off the screen. */
const OPEN = 6;

/** Pixels of a character in mermaid's labels; without room they stand on the bars. */
const SIGN = 6;

/** A name as mermaid's gantt takes it: colons, semicolons and hashes are its syntax. */
function label(text: string): string {
  return text.replace(/[^\w ./-]/g, '-').slice(0, 60);
}

/** Steps of a build that have bars of their own; a lifecycle has five phases, and a step for each buildpack. */
const STEPS = 12;

function barsOf({ facts }: JudgedTrial, start: number, inSteps: boolean): readonly string[] {
  if (facts?.build === undefined) return [];
  const bar = (name: string, kind: string, started: string, length: number) => {
    const from = Math.max(0, Date.parse(started) - start);
    return `  ${name} :${kind}, ${Math.round(from)}, ${Math.max(1, Math.round(length))}ms`;
  };
  const { build, tests, built } = facts;
  const ran = tests.filter((test) => test.started !== undefined);
  const begins = Math.min(...ran.map((test) => Date.parse(test.started ?? '')));
  const ends = Math.max(...ran.map((test) => Date.parse(test.started ?? '') + test.duration));
  const kind = ran.every(({ outcome }) => outcome === 'passed') ? 'active' : 'crit';
  const whole = bar('build', built === undefined ? 'crit' : 'done', build.started, build.duration);
  const steps = inSteps ? build.steps.slice(0, STEPS) : [];
  const phases = steps.flatMap(({ name, started, duration = 0, error }) =>
    started === undefined ? [] : [bar(label(name), error ? 'crit' : 'done', started, duration)],
  );
  return [
    ...(phases.length === 0 ? [whole] : phases),
    ...(ran.length === 0 ? [] : [bar('test', kind, new Date(begins).toISOString(), ends - begins)]),
  ];
}

/** Milliseconds from which mermaid's own ticks are seconds apart and more: it wants about ten. */
const WHOLE_SECONDS = 10_000;

/** The axis of a run that took so many milliseconds: no two ticks of it look the same. */
function axis(duration: number): readonly string[] {
  const format = duration < 60 * 60 * 1000 ? '%M:%S' : '%H:%M:%S';
  const tick = duration < WHOLE_SECONDS ? ['  tickInterval 1second'] : [];
  return [`  axisFormat ${format}`, ...tick];
}

/**
 * When each build and test ran, as a mermaid gantt with a row per trial. The steps of a
 * lifecycle are one after another, each with a bar; those of a Dockerfile are one bar.
 */
export function timelineSection({ evidence, images, trials }: Report): Section {
  const start = Date.parse(evidence.run.started);
  const several = images.length > 1;
  const phased = new Set(builtBy(evidence.plan.images, 'buildpack').map(({ id }) => id));
  const rows = trials.flatMap((trial) => {
    const bars = barsOf(trial, start, phased.has(trial.image));
    if (bars.length === 0) return [];
    return [{ name: label(several ? `${trial.image} ${trial.platform}` : trial.platform), bars }];
  });
  if (rows.length === 0) return { text: '', rank: 5 };
  const chart = [
    '```mermaid',
    '---',
    'displayMode: compact',
    'config:',
    '  gantt:',
    `    leftPadding: ${Math.max(...rows.map(({ name }) => name.length)) * SIGN + 20}`,
    '---',
    'gantt',
    '  dateFormat x',
    ...axis(evidence.run.duration),
    ...rows.flatMap(({ name, bars }) => [`  section ${name}`, ...bars]),
    '```',
  ].join('\n');
  return { text: folded('Timeline', chart, rows.length <= OPEN), rank: 5 };
}
