import { type BuildFacts, type Finding, finding, type Trial } from '../../evidence/index.js';

type RecordedBase = BuildFacts['bases'][number];

interface Material {
  readonly uri?: unknown;
  readonly digest?: unknown;
}

/** The materials of a SLSA provenance predicate, v0.2 (`materials`) or v1 (`resolvedDependencies`). */
function materialsIn(statement: Readonly<Record<string, unknown>>): readonly Material[] {
  const predicate = statement.predicate as Readonly<Record<string, unknown>> | undefined;
  const definition = predicate?.buildDefinition as Readonly<Record<string, unknown>> | undefined;
  const found = predicate?.materials ?? definition?.resolvedDependencies;
  return Array.isArray(found) ? (found as readonly Material[]) : [];
}

/** `pkg:docker/golang@1.26?platform=linux%2Famd64` (purl-spec, type docker). */
function parsePackage(uri: string): { reference: string; platform?: string } | undefined {
  const [, path, query] = /^pkg:docker\/([^?#]+)(?:\?([^#]*))?/.exec(uri) ?? [];
  if (path === undefined) return undefined;
  const at = path.lastIndexOf('@');
  const name = decodeURIComponent(at === -1 ? path : path.slice(0, at));
  const version = at === -1 ? undefined : decodeURIComponent(path.slice(at + 1));
  const reference = version === undefined || version === 'latest' ? name : `${name}:${version}`;
  const platform = new URLSearchParams(query).get('platform');
  return { reference, ...(platform === null ? {} : { platform }) };
}

function baseOf({ uri, digest }: Material): RecordedBase | undefined {
  const sha256 = (digest as { sha256?: unknown } | undefined)?.sha256;
  if (typeof uri !== 'string' || typeof sha256 !== 'string') return undefined;
  if (!/^[0-9a-f]{64}$/.test(sha256)) return undefined;
  const named = parsePackage(uri);
  return named && { ...named, digest: `sha256:${sha256}` };
}

/** The images that a build was made from, as its provenance records them. */
export function basesIn(
  statements: readonly Readonly<Record<string, unknown>>[],
): readonly RecordedBase[] {
  return statements
    .flatMap(materialsIn)
    .map(baseOf)
    .filter((base) => base !== undefined);
}

/**
 * A base that is one thing for one trial and another for another one, although
 * it was asked for under the same name: it moved while the run went on.
 */
export function movedBases(trials: readonly Trial[]): readonly Finding[] {
  const seen = new Map<string, { readonly digest: string; readonly trial: Trial }>();
  const findings: Finding[] = [];
  for (const trial of trials) {
    for (const { reference, digest } of trial.build?.bases ?? []) {
      const first = seen.get(reference);
      if (first === undefined) seen.set(reference, { digest, trial });
      else if (first.digest !== digest) {
        const { image, platform } = trial;
        findings.push(
          finding(
            'base-moved',
            { image, platform, reference },
            `${reference} moved between two builds.`,
            {
              found: { value: digest, from: `provenance of ${image} on ${platform}` },
              expected: {
                value: first.digest,
                from: `provenance of ${first.trial.image} on ${first.trial.platform}`,
              },
            },
          ),
        );
      }
    }
  }
  return findings;
}
