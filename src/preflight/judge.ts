import { type Code, type EnvironmentFacts, type Finding, finding } from '../evidence/index.js';
import { DOCKER_HUB, formatReference, parseReference } from '../reference/index.js';
import { explain, explainWithRemedy, namesRule, type RegistryError } from '../registry/index.js';
import { defined } from '../types/index.js';
import type { Answers, BrokenLogin, RefusedNeed, TargetAnswer } from './ask.js';
import { tagFacts, tagFindings } from './tags.js';

const PORTAL =
  'Correct the name of the registry; where a captive portal or a proxy answers in its place, get past it first.';

const REMEDIES = {
  login:
    'Log in before this step (docker login, or the inputs registry, username and password; for ghcr.io the job needs "permissions: packages: write").',
  again:
    'Log in again: the password or token is wrong, has expired, or lacks the right to push there (docker login, or the inputs registry, username and password); or correct the name.',
  permission:
    'Give the login the right to push there, or correct the name; for ghcr.io the job needs "permissions: packages: write", and the package must grant this repository write access.',
  pull: 'Log in before this step (docker login, or the inputs registry, username and password; for ghcr.io the job needs "permissions: packages: read"), or correct the name: a registry may give the same answer for what it does not have.',
  pullAgain:
    'Log in again: the password or token is wrong, has expired, or lacks the right to pull it (docker login, or the inputs registry, username and password); or correct the name: a registry may give the same answer for what it does not have.',
  pulling:
    'Give the login the right to pull it, or correct the name: a registry may give the same answer for what it does not have.',
  rule: 'This is a rule of the registry, and hardly a matter of the login: do what its answer says, or ask whoever runs it.',
  right:
    'A right is missing, or a rule of the registry forbids it. If it takes a login, log in before this step (docker login, or the inputs registry, username and password; for ghcr.io the job needs "permissions: packages: write").',
  helper: 'Fix the credential helper or the file that names it, or log in again.',
  repository: 'Create the repository in the registry, or correct the name.',
  registry:
    'Correct the name of the registry, or make sure that it runs and can be reached from here.',
  portal: PORTAL,
  page: `${PORTAL} If the page is its own, log in before this step (docker login, or the inputs registry, username and password).`,
} as const;

/** That a page refuses, as filtering proxies do, in the place of a registry. */
function isPage({ code, speaker }: RegistryError): boolean {
  return code === 'denied' && speaker === 'page';
}

function deniedRemedy(error: RegistryError): string {
  if (isPage(error)) return error.login === false ? REMEDIES.page : REMEDIES.portal;
  if (namesRule(error)) return REMEDIES.rule;
  if (error.login !== false) return REMEDIES.permission;
  return error.oci.some(({ message }) => message !== '') ? REMEDIES.right : REMEDIES.login;
}

function remedyOf(error: RegistryError | undefined): string {
  switch (error?.code) {
    case 'unauthorized':
      return error.login ? REMEDIES.again : REMEDIES.login;
    case 'denied':
      return deniedRemedy(error);
    case 'credentials':
      return REMEDIES.helper;
    case 'not-found':
      return REMEDIES.repository;
    case 'no-registry':
      return REMEDIES.portal;
    default:
      return REMEDIES.registry;
  }
}

const OF_LOGIN: ReadonlySet<string> = new Set(['unauthorized', 'denied', 'credentials']);

function codeFor(error: RegistryError): Code {
  return OF_LOGIN.has(error.code) && !isPage(error) ? 'not-authorized' : 'registry-failed';
}

/** Faults of a registry as a whole. */
const OF_REGISTRY: ReadonlySet<string> = new Set(['unreachable', 'credentials', 'no-registry']);

/** Faults that the push meets again, or not: that an upload is not begun as it should be, too. */
function mayPass({ code, request }: RegistryError): boolean {
  if (code === 'protocol') return request.startsWith('POST ');
  return ['server', 'rate-limited', 'timed-out', 'cut-off'].includes(code);
}

function pullRemedyOf(error: RegistryError): string {
  const { code, login } = error;
  if (isPage(error)) return deniedRemedy(error);
  if (namesRule(error)) return REMEDIES.rule;
  if (login !== true) return REMEDIES.pull;
  return code === 'unauthorized' ? REMEDIES.pullAgain : REMEDIES.pulling;
}

function targetFinding(answer: TargetAnswer): readonly Finding[] {
  const { push, error, image, repository, registry } = answer;
  if (error === undefined || push === 'yes') return [];
  const code = codeFor(error);
  // One fault of the registry as a whole, or of its login, is told once.
  const isCommon = OF_REGISTRY.has(error.code);
  const subject = isCommon ? { reference: registry } : { image, reference: repository };
  if (push === 'no') {
    const { message } = explainWithRemedy(error);
    return [finding(code, subject, message, { remedy: remedyOf(error) })];
  }
  if (!mayPass(error)) return [];
  const message = `Whether ${repository} accepts a push is not known: ${explain(error)}`;
  const remedy = 'Nothing for now: the run continues, and the push will show it.';
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
  const telling = needs.some((need) => need.vital) ? needs.filter((need) => need.vital) : needs;
  const images = telling.some(({ what }) => what === 'image');
  const vital = telling.some((need) => need.vital) && !(mirrored && registry === DOCKER_HUB);
  const isRead = needs.every(({ what }) => what === 'cache-from');
  const why = images
    ? `the build needs ${wanted(broken)} from there`
    : `the build's cache is there (${wanted(broken)})`;
  const message = `The credentials for ${registry} are not available, and ${why}: ${error.message}`;
  const code: Code = images ? 'not-pulled' : 'not-authorized';
  return finding(code, { reference: registry }, message, {
    severity: vital ? 'error' : isRead ? 'note' : 'warning',
    remedy: REMEDIES.helper,
    ...defined({ location: first }),
  });
}

function fullName(reference: string): string {
  const parsed = parseReference(reference);
  return parsed.ok ? formatReference(parsed.reference) : reference;
}

function imageFinding({ need, error }: RefusedNeed): Finding {
  return finding(
    'not-pulled',
    { reference: fullName(need.reference) },
    `${need.reference} cannot be pulled: ${explainWithRemedy(error).message}`,
    {
      remedy: pullRemedyOf(error),
      ...defined({ location: need.location }),
    },
  );
}

/** A build goes on without a cache to read; one that it cannot write ends it, when all is built. */
function cacheFinding({ need, error }: RefusedNeed): Finding {
  const { what, reference, vital } = need;
  const told = explainWithRemedy(error).message;
  const code = codeFor(error);
  const subject = { reference: fullName(reference) };
  if (what === 'cache-from') {
    const message = `The cache ${reference} cannot be read, and the build continues without it: ${told}`;
    const remedy = pullRemedyOf(error);
    return finding(code, subject, message, { severity: 'note', remedy });
  }
  const message =
    error.code === 'unreachable'
      ? `The cache ${reference} cannot be reached: ${error.detail}.`
      : `The cache ${reference} cannot be written: ${told}`;
  const severity = vital ? 'error' : 'warning';
  return finding(code, subject, message, { severity, remedy: remedyOf(error) });
}

/** References of caches of which `registryFindings` says that they cannot be read. */
export function refusedCaches({
  refused,
  broken,
}: Pick<Answers, 'refused' | 'broken'>): ReadonlySet<string> {
  const needs = [...refused.map(({ need }) => need), ...broken.flatMap(({ needs: all }) => all)];
  const read = needs.filter(({ what }) => what === 'cache-from');
  return new Set(read.map(({ reference }) => reference));
}

function refusedFinding(refused: RefusedNeed): Finding {
  return refused.need.what === 'image' ? imageFinding(refused) : cacheFinding(refused);
}

function once(findings: readonly Finding[]): readonly Finding[] {
  return [...new Map(findings.map((one) => [JSON.stringify(one), one])).values()];
}

/** What is wrong with the registries of a run. `mirrors` are the engine's own for Docker Hub. */
export function registryFindings(
  { targets, tags, broken, refused }: Answers,
  mirrors: readonly string[],
): readonly Finding[] {
  const told = new Set(
    targets.filter(({ error }) => error?.code === 'credentials').map(({ registry }) => registry),
  );
  const others = broken.filter(({ registry }) => !told.has(registry));
  return once([
    ...targets.flatMap(targetFinding),
    ...tagFindings(tags, targets),
    ...refused.map(refusedFinding),
    ...others.map((one) => brokenFinding(one, mirrors.length > 0)),
  ]);
}

/** What the evidence keeps of the answers. */
export function registryFacts({
  targets,
  tags,
}: Answers): Pick<EnvironmentFacts, 'targets' | 'tags'> {
  if (targets.length === 0) return {};
  return {
    targets: targets.map(({ repository, push, exists }) => ({ repository, push, exists })),
    tags: tags.map(tagFacts),
  };
}
