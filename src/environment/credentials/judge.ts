import { type Code, type Finding, finding, type Surroundings } from '../../evidence/index.js';
import { explain, explainApart } from '../../registry/index.js';
import type { Answers, BrokenLogin, TargetAnswer } from './ask.js';

const REMEDIES = {
  login:
    'Log in before this step (docker login, or the inputs registry, username and password; for ghcr.io the job needs "permissions: packages: write").',
  permission:
    'Give the login the right to push there, or mend the name; for ghcr.io the job needs "permissions: packages: write", and the package has to let this repository write.',
  helper: 'Mend the credential helper or the file that names it, or log in again.',
  repository: 'Create the repository in the registry, or mend the name.',
  registry: 'Mend the name of the registry, or see that it runs and can be reached from here.',
} as const;

function remedyOf({ error }: TargetAnswer): string {
  switch (error?.code) {
    case 'unauthorized':
      return error.login ? REMEDIES.permission : REMEDIES.login;
    case 'denied':
      return error.login === false ? REMEDIES.login : REMEDIES.permission;
    case 'credentials':
      return REMEDIES.helper;
    case 'not-found':
      return REMEDIES.repository;
    default:
      return REMEDIES.registry;
  }
}

const OF_LOGIN: ReadonlySet<string> = new Set(['unauthorized', 'denied', 'credentials']);

function targetFinding(answer: TargetAnswer): readonly Finding[] {
  const { push, error, image, repository, registry } = answer;
  if (error === undefined || push === 'yes') return [];
  const code: Code = OF_LOGIN.has(error.code) ? 'not-authorized' : 'registry-failed';
  // One fault of the registry as a whole, or of its login, is told once.
  const isCommon = error.code === 'unreachable' || error.code === 'credentials';
  const subject = isCommon ? { reference: registry } : { image, reference: repository };
  if (push === 'no') {
    const { message } = explainApart(error);
    return [finding(code, subject, message, { remedy: remedyOf(answer) })];
  }
  const busy = ['server', 'rate-limited', 'timed-out', 'cut-off'].includes(error.code);
  if (!busy) return [];
  const message = `Whether ${repository} takes a push could not be found out: ${explain(error)}`;
  const remedy = 'Nothing for now: the run goes on, and the push will tell.';
  return [finding('registry-failed', subject, message, { severity: 'warning', remedy })];
}

const LISTED = 3;

function wanted({ needs }: BrokenLogin): string {
  const references = [...new Set(needs.map(({ reference }) => reference))];
  const more = references.length - LISTED;
  const list = references.slice(0, LISTED).join(', ');
  return more > 0 ? `${list} and ${more} more` : list;
}

/** Docker Hub's images come from the engine's mirrors first, and these have logins of their own. */
function brokenFinding(broken: BrokenLogin, mirrored: boolean): Finding {
  const { registry, error, needs } = broken;
  const first = needs.find(({ location }) => location !== undefined)?.location;
  const vital = needs.some((need) => need.vital) && !(mirrored && registry === 'docker.io');
  const message = `The credentials for ${registry} cannot be had, and the build wants ${wanted(broken)} from there: ${error.message}`;
  return finding('not-pulled', { reference: registry }, message, {
    severity: vital ? 'error' : 'warning',
    remedy: REMEDIES.helper,
    ...(first === undefined ? {} : { location: first }),
  });
}

function once(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}

/** What is wrong with the registries of a run. `mirrors` are the engine's own for Docker Hub. */
export function registryFindings(
  { targets, broken }: Answers,
  mirrors: readonly string[],
): readonly Finding[] {
  const told = new Set(
    targets.filter(({ error }) => error?.code === 'credentials').map(({ registry }) => registry),
  );
  const others = broken.filter(({ registry }) => !told.has(registry));
  return once([
    ...targets.flatMap(targetFinding),
    ...others.map((one) => brokenFinding(one, mirrors.length > 0)),
  ]);
}

/** What the evidence keeps of the answers. */
export function registryFacts({ targets }: Answers): NonNullable<Surroundings['targets']> {
  return targets.map(({ repository, push, exists }) => ({ repository, push, exists }));
}
