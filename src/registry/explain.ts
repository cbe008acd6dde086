import { types } from 'node:util';
import { type Finding, finding } from '../evidence/index.js';
import { DOCKER_HUB, HUB_API } from '../reference/index.js';
import type { CutRequest } from './cut-requests.js';
import { RegistryError } from './errors.js';
import { LONGEST_WAIT } from './retry.js';

interface Activity {
  readonly host: string;
  /** What was being done, as a gerund: `writing the tag dev of acme/greeter`. */
  readonly doing: string;
}

const ON_ITS_SIDE =
  'the fault is in the registry: run again later, nothing that was uploaded is lost';

/** A tag is written last, behind its content, with the same login. */
const OF_TAG =
  'it accepted the content, so only the tag is refused: get permission to write it, or use another tag if it is immutable';

function named(reference: string): string {
  const digest = /^(sha\d+:[0-9a-f]{8})[0-9a-f]+$/.exec(reference)?.[1];
  return digest === undefined ? reference : `${digest}…`;
}

function isReading(method: string): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A path of the distribution-spec's API in words; undefined for any other. */
function inWords(method: string, path: string): string | undefined {
  const [, name = '', kind = '', rest = ''] =
    /^\/v2\/(.+?)\/(manifests|blobs)\/(.*)$/.exec(path) ?? [];
  const verb = isReading(method) ? 'reading' : 'writing';
  if (path === '/v2/') return 'checking its API';
  if (kind === 'blobs' && rest.startsWith('uploads/')) return `uploading to ${name}`;
  if (kind === 'blobs') return `${verb} the blob ${named(rest)} of ${name}`;
  if (kind !== 'manifests') return undefined;
  const what = rest.includes(':') ? `the manifest ${named(rest)}` : `the tag ${rest}`;
  return `${verb} ${what} of ${name}`;
}

function place(request: string): Activity {
  const [method = '', address = ''] = request.split(' ');
  if (!URL.canParse(address)) return { host: request, doing: request };
  const { host: asked, pathname } = new URL(address);
  const host = asked === HUB_API ? DOCKER_HUB : asked;
  return { host, doing: inWords(method, pathname) ?? `answering ${request}` };
}

/** The words of a registry or a tool as a part of a sentence, without their full stop. */
function clause(words: string): string {
  return words.replace(/[.\s]+$/, '');
}

/** What the registry itself said, in brackets, behind a space. */
export function answerDetails(error: RegistryError): string {
  const [first] = error.oci;
  const words =
    first === undefined
      ? []
      : [first.message ? `${first.code}: ${clause(first.message)}` : first.code];
  const parts = [...(error.status === undefined ? [] : [String(error.status)]), ...words];
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`;
}

/** `20 s`, `6 min`, `3 h`. */
function duration(milliseconds: number): string {
  const seconds = Math.ceil(milliseconds / 1000);
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 120 ? `${minutes} min` : `${Math.ceil(minutes / 60)} h`;
}

function limitIn({ limit }: RegistryError): string {
  const { requests, window, left } = limit ?? {};
  const of = window === undefined ? '' : ` in ${duration(window)}`;
  if (requests !== undefined) return `: ${requests} requests${of}, ${left ?? 'none'} left`;
  return left === undefined ? '' : `: ${left} requests left`;
}

/** What happened, and what to do; neither ends with a full stop. */
type Explanation = readonly [what: string, remedy: string];

/** When a registry wants to be asked again, where that is longer than it is waited for. */
function later({ retryAfter = 0 }: RegistryError): string | undefined {
  if (retryAfter <= LONGEST_WAIT) return undefined;
  return `; it asks for a retry in ${duration(retryAfter)}, which is longer than a run waits`;
}

function rateLimited(error: RegistryError, host: string): Explanation {
  const { retryAfter = 0 } = error;
  const again = later(error);
  const wait = retryAfter < 1000 ? '' : `; it asks for a pause of ${duration(retryAfter)}`;
  return [
    `${host} limits the rate of requests${limitIn(error)}${again ?? wait}${answerDetails(error)}`,
    `log in if there is no login, or run again ${again === undefined ? 'later' : 'then'}`,
  ];
}

function failed(error: RegistryError, { host, doing }: Activity): Explanation {
  const again = later(error);
  const what = `${host} failed while ${doing}`;
  return [
    again === undefined
      ? `${what}, in every attempt${answerDetails(error)}`
      : `${what}${answerDetails(error)}${again}`,
    `the fault is in the registry: run again ${again === undefined ? 'later' : 'then'}, nothing that was uploaded is lost`,
  ];
}

function unauthorized(error: RegistryError, { host, doing }: Activity): Explanation {
  const because = answerDetails(error);
  if (error.login === true) {
    return [
      `${host} does not accept the login for ${doing}${because}`,
      'log in again: the password or token is wrong, has expired, or lacks a permission',
    ];
  }
  return [
    `${host} requires a login for ${doing}${because}, and there is none`,
    'log in to it before this step',
  ];
}

function isTagging({ doing }: Activity): boolean {
  return doing.startsWith('writing the tag ');
}

/** What registries call the rules by which they refuse what the login itself may do. */
const RULE =
  /quota|polic(y|ies)|immutab|vulnerab|retention|\b(rate|limits?)\b|exceed|too (many|large)|suspended|billing/i;

/** Rules that no login changes, though an answer calls them a denial. */
const FIRM_RULE = /quota|immutab|vulnerab|retention/i;

/** Words about a right that is missing: of policies, among others, that give none (ECR). */
const RIGHT = /not authori[sz]ed|permission|unauthori[sz]ed/i;

/** Words of a missing right, and of rules as well. */
const DENIAL = /denied|no access|not (permitted|allowed)|\bscope\b|\bIAM\b/i;

function wordsOf({ oci }: RegistryError): string {
  return oci.map(({ message }) => message).join(' ');
}

/** What is quoted, and what is a path: names, which say nothing of why. */
const NAMES = /"[^"]*"|`[^`]*`|(?<!\w)'[^']*'(?!\w)|\S*\/\S*/g;

/** What a registry says of why, without the names: one may be called `rate-limiter`. */
function reasonIn(error: RegistryError): string {
  const [, address = ''] = error.request.split(' ');
  const asked = URL.canParse(address) ? new URL(address).pathname.toLowerCase().split('/') : [];
  return wordsOf(error)
    .replace(NAMES, ' ')
    .replace(/[\w.-]*\w/g, (word) => (asked.includes(word.toLowerCase()) ? '' : word));
}

/** Whether a refusal names a rule of the registry, so that a login hardly changes it. */
export function namesRule(error: RegistryError): boolean {
  const words = reasonIn(error);
  if (error.code !== 'denied' || !RULE.test(words) || RIGHT.test(words)) return false;
  return FIRM_RULE.test(words) || !DENIAL.test(words);
}

function deniedRemedy(error: RegistryError): string {
  if (error.login !== false) {
    return 'give this login the permission, or check the name of the repository';
  }
  if (wordsOf(error).trim() === '') return 'log in to it before this step';
  return 'a right is missing, or a rule of the registry forbids it: if it takes a login, log in to it before this step';
}

/** What a filtering proxy does; some registry behind a web server may, too. */
function answeredByPage({ status, login }: RegistryError, { host, doing }: Activity): Explanation {
  const orLogin =
    login === false ? `; if the page is its own, log in to ${host} before this step` : '';
  return [
    `${host} refuses ${doing} with a page (${status}, without a registry's headers): something else seems to answer in its place`,
    `correct its name, or get past the captive portal or the proxy that answers first${orLogin}`,
  ];
}

function denied(error: RegistryError, at: Activity): Explanation {
  if (error.speaker === 'page') return answeredByPage(error, at);
  const what = `${at.host} refuses ${at.doing}${answerDetails(error)}`;
  const ofTag = isTagging(at) && (!namesRule(error) || /immutab/i.test(reasonIn(error)));
  if (ofTag) return [what, OF_TAG];
  const rule =
    'this is a rule of the registry, and hardly a matter of the login: do what its answer says, or ask whoever runs it';
  return [what, namesRule(error) ? rule : deniedRemedy(error)];
}

function tell(error: RegistryError): Explanation {
  const at = place(error.request);
  const { host, doing } = at;
  const because = answerDetails(error);
  const detail = error.detail === undefined ? '' : `: ${clause(error.detail)}`;
  switch (error.code) {
    case 'unauthorized':
      return unauthorized(error, at);
    case 'denied':
      return denied(error, at);
    case 'not-found':
      return [
        `${host} does not have what was requested while ${doing}${because}`,
        at.doing.startsWith('reading')
          ? 'check the name and the tag or digest'
          : 'check the name, or create the repository',
      ];
    case 'rate-limited':
      return rateLimited(error, host);
    case 'server':
      return failed(error, at);
    case 'unreachable':
      return [
        `${host} cannot be reached${detail}`,
        'check its name, the network, and that the registry is running',
      ];
    case 'timed-out':
      return [`${host} stopped answering while ${doing}${detail}`, 'run again later'];
    case 'cut-off':
      return [`${host} cut the connection while ${doing}${detail}`, 'run again'];
    case 'wrong-digest':
      return [
        `${host} served other bytes than were requested, while ${doing}${detail}`,
        "do not use this image, and check the registry's storage and any proxy on the way",
      ];
    case 'refused':
      return [
        `${host} refused ${doing}${because}`,
        isTagging(at)
          ? OF_TAG
          : 'the registry does not accept this kind of content, or has a rule against it',
      ];
    case 'layer-type':
      return [
        `${host} refused ${doing}${because}${detail}`,
        'if this registry accepts gzip layers only, use a base that has no others, or recompress that base',
      ];
    case 'inconsistent':
      return [`${host} ${clause(error.detail ?? '')}${because}`, ON_ITS_SIDE];
    case 'unsafe':
      return [
        `${host} asked for something unsafe while ${doing}${detail}`,
        'credentials were not sent',
      ];
    case 'credentials':
      return [
        `The credentials for ${host} cannot be read${detail}`,
        'fix the helper or the file, or log in again',
      ];
    case 'no-registry':
      return [
        `${host} is not a registry${detail}`,
        'correct its name; where a captive portal or a proxy answers in its place, get past it first',
      ];
    case 'protocol':
      return [
        `${host} gave an answer that the distribution-spec does not allow, while ${doing}${detail}${because}`,
        'check that this is a registry, and that no proxy changes its answers',
      ];
  }
}

/** What was waited for when it was cut off, as a part of a sentence: `ghcr.io (writing …, 42 s)`. */
export function waitedFor({ request, waited }: CutRequest): string {
  const { host, doing } = place(request);
  return `${host} (${doing}, ${duration(waited)})`;
}

function message(error: unknown): string {
  return types.isNativeError(error) ? error.message : String(error);
}

/** One sentence for people: the registry first, what was found, what to do. */
export function explain(error: unknown): string {
  return error instanceof RegistryError ? `${tell(error).join('; ')}.` : message(error);
}

/** What happened, as a part of the caller's sentence. */
export function reasonOf(error: unknown): string {
  return error instanceof RegistryError ? tell(error)[0] : clause(message(error));
}

/** The same in two sentences, as a finding has it; any other error has no remedy of its own. */
export function explainWithRemedy(error: unknown): {
  readonly message: string;
  readonly remedy?: string;
} {
  if (!(error instanceof RegistryError)) return { message: message(error) };
  const [what, remedy] = tell(error);
  return {
    message: `${what}.`,
    remedy: `${remedy.charAt(0).toUpperCase()}${remedy.slice(1)}.`,
  };
}

/** The finding that a failure of a registry is. */
export function registryFailed(subject: Finding['subject'], error: unknown): Finding {
  const { message, ...remedy } = explainWithRemedy(error);
  return finding('registry-failed', subject, message, remedy);
}
