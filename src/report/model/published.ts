import { type Evidence, type JudgedImage, joinWords } from '../../evidence/index.js';
import { defined } from '../../types/index.js';
import { count } from '../format.js';
import { withoutHost } from './wording.js';

/** The tags of one repository that a run moved to one index, in the plan's order. */
export interface PublishedTags {
  /** With its registry's host, unless it is embedded. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** The first tag whole: with its digest, unless it is embedded. */
  readonly reference: string;
  readonly embedded: boolean;
  /** What a push would write; only of embedded tags. */
  readonly wouldBe?: string;
}

/** What became of an image outside of the run. */
export interface ReportedPublication {
  readonly tags: readonly PublishedTags[];
  /** Why what is embedded is not kept, and how it is published. */
  readonly embeddedWords?: { readonly kept: string; readonly publishesNothing?: string };
  readonly namesInEngine: readonly { readonly name: string; readonly platform: string }[];
  /** `What was tested is what the registry serves: …`, where that is verified. */
  readonly verified?: string;
}

type PublishedTarget = NonNullable<JudgedImage['publication']>['targets'][number];

function plannedRepository({ planned }: JudgedImage, repository: string): string {
  const path = withoutHost(repository);
  const target = planned.targets.find((one) => withoutHost(one.repository) === path);
  return target?.repository ?? path;
}

function tagsOf(image: JudgedImage): readonly PublishedTags[] {
  const key = ({ repository, digest, embedded }: PublishedTarget) =>
    JSON.stringify([repository, digest, embedded]);
  const groups = Map.groupBy(image.publication?.targets ?? [], key);
  return [...groups.values()].flatMap((group): readonly PublishedTags[] => {
    const [first] = group;
    if (first === undefined) return [];
    const { repository, digest, embedded } = first;
    const tags = group.map(({ tag }) => tag);
    if (!embedded) {
      return [{ repository, tags, embedded, reference: `${repository}:${tags[0]}@${digest}` }];
    }
    const path = withoutHost(repository);
    const wouldBe = `${plannedRepository(image, repository)}:${tags[0]}`;
    return [{ repository: path, tags, embedded, reference: `${path}:${tags[0]}`, wouldBe }];
  });
}

/** The names under which an image stays in the engine, each with its platform. */
function namesInEngine({ trials }: JudgedImage): ReportedPublication['namesInEngine'] {
  return trials.flatMap(({ platform, facts }) =>
    (facts?.loaded?.names ?? []).map((name) => ({ name, platform })),
  );
}

/** Why a run publishes nothing, whatever is asked for; undefined where it would. */
function publishesNothing({ run }: Evidence): string | undefined {
  const { pullRequest, trust = { untrusted: pullRequest, pushes: !pullRequest } } = run;
  if (trust.pushes) return undefined;
  const what = trust.untrusted ? 'an untrusted run' : 'a merge group';
  return `${trust.untrusted && pullRequest ? 'a pull request' : what} publishes nothing`;
}

function hostOf(repository: string): string {
  const path = withoutHost(repository);
  return path === repository ? 'docker.io' : repository.slice(0, -path.length - 1);
}

function verifiedWords({ trials }: JudgedImage, tags: readonly PublishedTags[]): string {
  const hosts = [...new Set(tags.map(({ repository }) => hostOf(repository)))];
  const embedded = tags.some((one) => one.embedded);
  const which = embedded
    ? 'the embedded registry served'
    : hosts.length > 1
      ? `${joinWords(hosts)} serve`
      : 'the registry serves';
  const platforms = `${trials.length} of ${count(trials.length, 'platform')}`;
  const sum = tags.reduce((all, one) => all + one.tags.length, 0);
  const where = tags.length > 1 ? ` in ${tags.length} repositories` : '';
  return `What was tested is what ${which}: ${platforms}, ${count(sum, 'tag')}${where}.`;
}

/** The tags that a run moved, and what it left in the engine. */
export function reportedPublication(evidence: Evidence, image: JudgedImage): ReportedPublication {
  const tags = tagsOf(image);
  const names = namesInEngine(image);
  const embedded = tags.some((one) => one.embedded);
  const nothing = publishesNothing(evidence);
  return {
    tags,
    namesInEngine: names,
    ...(embedded
      ? {
          embeddedWords: {
            kept: names.length > 0 ? 'kept in no registry' : 'kept nowhere',
            ...defined({ publishesNothing: nothing }),
          },
        }
      : {}),
    ...(image.verified ? { verified: verifiedWords(image, tags) } : {}),
  };
}
