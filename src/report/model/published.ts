import { type Evidence, type JudgedImage, joinWords } from '../../evidence/index.js';
import { wholeName } from '../../reference/index.js';
import { defined } from '../../types/index.js';
import { count } from '../format.js';
import { provedWords } from './tested.js';
import { withoutHost } from './wording.js';

/**
 * The tags of one repository that a run moved to one index, in the plan's order. In the
 * embedded registry, repositories that differ in their registries alone are one.
 */
export interface PublishedTags {
  /** With its registry's host, unless it is embedded. */
  readonly repository: string;
  readonly tags: readonly string[];
  /** The first tag whole: with its digest, unless it is embedded. */
  readonly reference: string;
  readonly embedded: boolean;
  /** What a push would write, the first tag of each repository; empty unless embedded. */
  readonly wouldBe: readonly string[];
}

/** A name under which an image stays in the engine. */
interface NameInEngine {
  readonly name: string;
  readonly platform: string;
  readonly passed: boolean;
}

/** What became of an image outside of the run. */
export interface ReportedPublication {
  readonly tags: readonly PublishedTags[];
  /** Why what is embedded is not kept, and how it is published. */
  readonly embeddedWords?: { readonly kept: string; readonly publishesNothing?: string };
  readonly namesInEngine: readonly NameInEngine[];
  /** `What was tested is what the registry serves: …`, where that is verified. */
  readonly verified?: string;
}

type PublishedTarget = NonNullable<JudgedImage['publication']>['targets'][number];

function tagsOf(image: JudgedImage): readonly PublishedTags[] {
  const key = ({ repository, digest, embedded }: PublishedTarget) =>
    JSON.stringify([repository, digest, embedded]);
  const repositories = [...Map.groupBy(image.publication?.targets ?? [], key).values()].flatMap(
    (group) => {
      const [first] = group;
      return first === undefined ? [] : [{ ...first, tags: group.map(({ tag }) => tag) }];
    },
  );
  const pushed = repositories
    .filter(({ embedded }) => !embedded)
    .map(({ repository, digest, tags, embedded }) => {
      const reference = `${repository}:${tags[0]}@${digest}`;
      return { repository, tags, embedded, reference, wouldBe: [] };
    });
  const alike = Map.groupBy(
    repositories.filter(({ embedded }) => embedded),
    ({ repository, tags }) => JSON.stringify([withoutHost(repository), tags]),
  );
  const embedded = [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const { tags } = first;
    const repository = withoutHost(first.repository);
    const wouldBe = group.map((one) => `${wholeName(one.repository)}:${tags[0]}`);
    return [{ repository, tags, embedded: true, reference: `${repository}:${tags[0]}`, wouldBe }];
  });
  return [...pushed, ...embedded];
}

/** The names under which an image stays in the engine, each with its platform. */
function namesInEngine({ trials }: JudgedImage): readonly NameInEngine[] {
  return trials.flatMap(({ platform, facts, state }) =>
    (facts?.loaded?.names ?? []).map((name) => ({ name, platform, passed: state === 'passed' })),
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

function verifiedWords(image: JudgedImage): string {
  const { trials, publication } = image;
  const targets = publication?.targets ?? [];
  const repositories = new Set(targets.map(({ repository }) => repository));
  const hosts = [...new Set([...repositories].map(hostOf))];
  const embedded = targets.some((one) => one.embedded);
  const which = embedded
    ? 'the embedded registry served'
    : hosts.length > 1
      ? `${joinWords(hosts)} serve`
      : 'the registry serves';
  const platforms = `${trials.length} of ${count(trials.length, 'platform')}`;
  const where = repositories.size > 1 ? ` in ${repositories.size} repositories` : '';
  const tags = count(targets.length, 'tag');
  return `What was ${provedWords(image)} is what ${which}: ${platforms}, ${tags}${where}.`;
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
    ...(image.verified ? { verified: verifiedWords(image) } : {}),
  };
}
