import { join, relative } from 'node:path';
import {
  neededStages,
  readRules,
  type Stage,
  type StageStep,
  stagesOf,
} from '../dockerfile/index.js';
import { type Finding, finding, joinWords } from '../evidence/index.js';
import { buildingOf, type DockerfileSources, stepText } from './dockerfile-sources.js';

/** Whether a source of a COPY takes a file of the context, by its path there. */
function takes(source: string, path: string): boolean {
  const folder = source.replace(/^\.?\//, '').replace(/\/+$/, '');
  // A source is a pattern, as an ignored path is; what is in it comes along.
  return folder === '' || folder === '.' || readRules(folder).ignoredBy(path) !== undefined;
}

const LISTED = 3;

/** The steps that are executed again with a step, that of a stage and those behind it. */
function stepsBehind({ steps }: Stage, from: StageStep): readonly string[] {
  return steps
    .slice(steps.indexOf(from) + 1)
    .filter(({ keyword }) => ['RUN', 'COPY', 'ADD'].includes(keyword))
    .map(stepText);
}

/** That a step copies the configuration, so that a change of a test makes it and others run again. */
export function copiedConfiguration(sources: DockerfileSources): readonly Finding[] {
  const { image, text, ignore, configuration } = sources;
  const { id, build } = image;
  if (configuration === undefined) return [];
  const path = relative(join('/', build.context), join('/', configuration));
  if (path === '' || path.startsWith('..')) return [];
  const { rules } = ignore;
  if (rules.ignoredBy(path) !== undefined || !rules.isCertain()) return [];
  const building = buildingOf(image);
  for (const stage of neededStages(stagesOf(text, building), building)) {
    const step = stage.steps.find(
      (one) =>
        one.copiedFrom === undefined &&
        !one.flags.some((flag) => flag.startsWith('--exclude=')) &&
        one.paths?.sources.some((source) => takes(source, path)),
    );
    if (step === undefined) continue;
    const behind = stepsBehind(stage, step);
    const left = behind.length - LISTED;
    const listed = joinWords([...behind.slice(0, LISTED), ...(left > 0 ? [`${left} more`] : [])]);
    const cost =
      behind.length === 0
        ? 'whenever a test is edited, it is executed again'
        : `whenever a test is edited, it is executed again, and with it ${listed}`;
    return [
      finding(
        'configuration-copied',
        { image: id, path: configuration },
        `${stepText(step)} copies ${configuration}: ${cost}. The line "${path}" in ${ignore.file} leaves it out.`,
        { location: { file: build.file, line: step.line } },
      ),
    ];
  }
  return [];
}
