import { join, relative } from 'node:path';
import {
  type Building,
  declaredArguments,
  type HiddenValue,
  hiddenValues,
  ignoredBy,
  neededStages,
  type Stage,
  type StageStep,
  stagesOf,
} from '../dockerfile/index.js';
import { type DockerfileImage, type Finding, finding, joinWords } from '../evidence/index.js';
import { nearest } from '../platform/index.js';
import { defined } from '../types/index.js';
import { isPlainDockerfile } from './build-stage.js';

/** What an image is built from, as far as the checkout shows it. */
export interface DockerfileSources {
  readonly image: DockerfileImage;
  readonly text: string;
  /** The text of the list of what the context leaves out; empty where there is none. */
  readonly ignore: { readonly file: string; readonly text: string };
  /** The run's configuration, relative to the root; undefined where there is none. */
  readonly configuration: string | undefined;
}

function buildingOf({ build }: DockerfileImage): Building {
  const { args, contexts, target } = build;
  return { args, contexts: Object.keys(contexts), ...defined({ target }) };
}

function hiddenFinding(
  { id, build }: DockerfileImage,
  { name, value, line }: HiddenValue,
  platforms: readonly string[],
): Finding {
  const message = `ARG ${name}=${value} hides the value that BuildKit sets: ${joinWords(platforms)} ${platforms.length === 1 ? 'is' : 'are'} built with ${name}=${value}.`;
  return finding('arg-with-default', { image: id }, message, {
    location: { file: build.file, line },
    remedy: `write ARG ${name} without a value`,
  });
}

/** Defaults that hide the platform, each with the platforms that it is wrong for. */
function hiddenFindings({ image, text }: DockerfileSources): readonly Finding[] {
  const building = buildingOf(image);
  const found = new Map<string, { readonly hidden: HiddenValue; readonly platforms: string[] }>();
  for (const platform of image.platforms) {
    for (const hidden of hiddenValues(text, building, platform)) {
      const key = `${hidden.line} ${hidden.name}`;
      const known = found.get(key) ?? { hidden, platforms: [] };
      known.platforms.push(platform);
      found.set(key, known);
    }
  }
  return [...found.values()].map(({ hidden, platforms }) =>
    hiddenFinding(image, hidden, platforms),
  );
}

/** Arguments that BuildKit and its Dockerfile reader take without an ARG. */
const TAKEN_ANYWAY = /^(BUILDKIT_\w+|SOURCE_DATE_EPOCH|(HTTP|HTTPS|FTP|NO|ALL)_PROXY)$/i;

function unusedArguments({ image, text }: DockerfileSources): readonly Finding[] {
  const { id, build, location } = image;
  const declared = declaredArguments(text);
  return Object.keys(build.args).flatMap((name) => {
    if (declared.has(name) || TAKEN_ANYWAY.test(name)) return [];
    const near = nearest(name, [...declared]);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    const message = `No ARG of ${build.file} takes the build argument "${name}"${hint}`;
    return [
      finding(
        'argument-unused',
        { image: id },
        hint === '' ? `${message}.` : message,
        defined({ location }),
      ),
    ];
  });
}

/** Whether a source of a COPY takes a file of the context, by its path there. */
function takes(source: string, path: string): boolean {
  const folder = source.replace(/^\.?\//, '').replace(/\/+$/, '');
  // A source is a pattern, as an ignored path is; what is in it comes along.
  return folder === '' || folder === '.' || ignoredBy(folder, path) !== undefined;
}

function sourcesOf({ text }: StageStep): readonly string[] {
  if (text.includes('<<')) return [];
  const words = text.replace(/\\\r?\n/g, ' ').trim();
  const plain = words.replace(/^(?:--\S+\s+)+/, '');
  const parts = plain.startsWith('[')
    ? [...plain.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map(([, part = '']) => part)
    : plain.split(/\s+/);
  return parts.slice(0, -1);
}

const LISTED = 3;

/** The steps that are executed again with a step, that of a stage and those behind it. */
function stepsBehind({ steps }: Stage, from: StageStep): readonly string[] {
  return steps
    .slice(steps.indexOf(from) + 1)
    .filter(({ keyword }) => ['RUN', 'COPY', 'ADD'].includes(keyword))
    .map(({ keyword, text }) => `${keyword} ${text}`.replace(/\s+/g, ' ').slice(0, 60));
}

/** That a step copies the configuration, so that a change of a test makes it and others run again. */
function copiedConfiguration(sources: DockerfileSources): readonly Finding[] {
  const { image, text, ignore, configuration } = sources;
  const { id, build } = image;
  if (configuration === undefined) return [];
  const path = relative(join('/', build.context), join('/', configuration));
  if (path === '' || path.startsWith('..') || ignoredBy(ignore.text, path) !== undefined) return [];
  const building = buildingOf(image);
  for (const stage of neededStages(stagesOf(text, building), building)) {
    const step = stage.steps.find(
      (one) =>
        ['COPY', 'ADD'].includes(one.keyword) &&
        one.copiedFrom === undefined &&
        !/(^|\s)--exclude=/.test(one.text) &&
        sourcesOf(one).some((source) => takes(source, path)),
    );
    if (step === undefined) continue;
    const behind = stepsBehind(stage, step);
    const left = behind.length - LISTED;
    const listed = joinWords([...behind.slice(0, LISTED), ...(left > 0 ? [`${left} more`] : [])]);
    const cost =
      behind.length === 0
        ? 'whenever a test is edited, it is executed again'
        : `whenever a test is edited, it is executed again, and with it ${listed}`;
    const copying = `${step.keyword} ${step.text}`.replace(/\s+/g, ' ').slice(0, 60);
    return [
      finding(
        'configuration-copied',
        { image: id, path: configuration },
        `${copying} copies ${configuration}: ${cost}. The line "${path}" in ${ignore.file} leaves it out.`,
        { location: { file: build.file, line: step.line } },
      ),
    ];
  }
  return [];
}

/** What is worth knowing of a Dockerfile before it is built. */
export function adviceOnDockerfile(sources: DockerfileSources): readonly Finding[] {
  if (!isPlainDockerfile(sources.text, sources.image.build.args)) return [];
  return [...hiddenFindings(sources), ...unusedArguments(sources), ...copiedConfiguration(sources)];
}
