import { globFault } from '../contents/index.js';
import { patternFault } from '../evidence/index.js';
import { nearest, normalisePlatform } from '../platform/index.js';
import {
  addressParts,
  isDigest,
  isRepositoryName,
  isTag,
  LONGEST_NAME,
  parseReference,
  splitName,
  splitReference,
} from '../reference/index.js';
import { isDuration } from './duration.js';

/** Says what is wrong with a text, the text first; undefined when nothing is. */
type Judge = (text: string) => string | undefined;

function quoted(text: string): string {
  const short = text.length > 60 ? `${text.slice(0, 57)}…` : text;
  return JSON.stringify(short);
}

/** What is said of a text that is several of what is expected; undefined where it is not. */
function several(text: string, what: string, fits: (part: string) => boolean): string | undefined {
  const parts = text.split(/[\s,]+/).filter((part) => part !== '');
  if (parts.length < 2 || !parts.every(fits)) return undefined;
  return `${quoted(text)} is several ${what} in one text; write a list: [${parts.join(', ')}]`;
}

/** A platform that a registry may serve, of any system. */
function judgeAnyPlatform(text: string): string | undefined {
  if (normalisePlatform(text) !== undefined) return undefined;
  const list = several(text, 'platforms', (part) => normalisePlatform(part) !== undefined);
  if (list !== undefined) return list;
  const parts = text.split('/');
  const [first = '', second = '', variant = ''] = parts;
  if (parts.length === 2 && normalisePlatform(`linux/${text}`) !== undefined) {
    return `${quoted(text)} is not a platform, which begins with its system; write linux/${text}`;
  }
  const bare = parts.length === 3 ? `${first}/${second}` : first;
  if (parts.length > 1 && normalisePlatform(bare) !== undefined) {
    const [, architecture] = (normalisePlatform(bare) ?? '').split('/');
    return `${quoted(text)} is not a platform: ${quoted(variant || second)} is not a variant of ${architecture}; leave it out, or write one that containerd knows`;
  }
  const near = nearest(text);
  return `${quoted(text)} is not a platform; ${near ? `did you mean ${near}?` : 'expected the form linux/arm64'}`;
}

function judgePlatform(text: string): string | undefined {
  const platform = normalisePlatform(text);
  if (platform?.startsWith('windows/')) {
    return `${quoted(text)}: Windows containers are not built; use a platform that begins with linux/`;
  }
  if (platform?.startsWith('linux/')) return undefined;
  if (platform !== undefined) return `${quoted(text)}: only images for Linux are built`;
  return judgeAnyPlatform(text);
}

function judgePattern(text: string): string | undefined {
  const fault = patternFault(text);
  return fault === undefined ? undefined : `${quoted(text)} ${fault}`;
}

/** What docker reads as a repository, and what is hardly meant so. */
function doubtfulRepository(text: string): string | undefined {
  const { host, path } = splitName(text);
  if (host === undefined && (path === 'localhost' || /^[^/]*\.[^/]*$/.test(path))) {
    return `${quoted(text)} is a host without a repository; expected the form ${text}/acme/greeter (docker reads it as docker.io/library/${text}, which may be written so)`;
  }
  const isName = host !== undefined && !/[.:]/.test(host) && host !== host.toLowerCase();
  return isName
    ? `docker reads ${quoted(host)} in ${quoted(text)} as a host, since it has upper-case letters; write ${quoted(text.toLowerCase())}`
    : undefined;
}

function judgeRepository(text: string): string | undefined {
  if (isRepositoryName(text)) return doubtfulRepository(text);
  if (text.length > LONGEST_NAME)
    return `${quoted(text)} is longer than the ${LONGEST_NAME} characters of a repository`;
  const { name: bare, tag } = splitReference(text);
  if (bare !== text && isRepositoryName(bare.toLowerCase())) {
    const [more, how] = isRepositoryName(bare)
      ? ['', '']
      : [' and has upper-case letters', ' in lower case'];
    const slashed = tag?.includes('/') ? `; a tag has no "/", as ${quoted(tag)} has` : '';
    return `${quoted(text)} names a tag or digest${more}${slashed}; write the repository here${how} and tags under "tags"`;
  }
  if (/^https?:\/\//.test(text)) {
    const { shown, extra } = addressParts(text);
    return `${quoted(shown)} is an address; leave out ${extra}`;
  }
  if (text !== text.toLowerCase())
    return `${quoted(text)} has upper-case letters; repositories must be lower case`;
  return `${quoted(text)} is not a repository; expected the form ghcr.io/acme/greeter`;
}

function judgeReference(text: string): string | undefined {
  const parsed = parseReference(text);
  return parsed.ok ? undefined : parsed.problem.message.replace(/\.$/, '');
}

function judgeTag(text: string): string | undefined {
  if (isTag(text)) return undefined;
  const list = several(text, 'tags', isTag);
  if (list !== undefined) return list;
  const { name, tag } = splitReference(text);
  const flat = text.replaceAll('/', '-');
  if (tag === undefined && isTag(flat)) {
    return `${quoted(text)} is not a tag, which has no "/"; for a branch, write ${quoted(flat)}; a repository is written under "name"`;
  }
  if (/[/:]/.test(text) && isRepositoryName(name)) {
    const own = tag === undefined ? 'leave it out here' : `write ${quoted(tag)} here`;
    return `${quoted(text)} is a whole reference, and a tag is only its last part; ${own}, and the repository, ${quoted(name)}, under "name"`;
  }
  return `${quoted(text)} is not a tag; allowed are up to 128 letters, digits and "_ . -", not beginning with "." or "-"`;
}

/** A reference of an image with the digest that it is held to. */
function judgePin(text: string): string | undefined {
  const parsed = parseReference(text);
  if (!parsed.ok || parsed.reference.digest !== undefined) return judgeReference(text);
  return `${quoted(text)} has no digest; expected the form NAME:TAG@sha256:…`;
}

function isDay(text: string): boolean {
  const day = new Date(`${text}T00:00:00Z`);
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && day.toJSON()?.slice(0, 10) === text;
}

/** 9999-12-31T23:59:59Z: a later time cannot be written into an image's configuration (RFC 3339). */
const LATEST = 253_402_300_799;

function judgeCreationTime(text: string): string | undefined {
  if (text === 'now' || (/^\d{1,12}$/.test(text) && Number(text) <= LATEST)) return undefined;
  return `${quoted(text)} is not a time of creation; expected now, or whole seconds since 1970`;
}

export const formats = {
  'any-platform': judgeAnyPlatform,
  buildpack: (text) =>
    /^[^@\s]+@[^@\s]+$/.test(text)
      ? undefined
      : `${quoted(text)} is not a buildpack with its version; expected the form heroku/python@0.25.0`,
  day: (text) =>
    isDay(text) ? undefined : `${quoted(text)} is not a day; expected the form 2026-04-27`,
  digest: (text) =>
    isDigest(text)
      ? undefined
      : `${quoted(text)} is not a digest; expected sha256: and 64 lower-case hex digits`,
  'creation-time': judgeCreationTime,
  duration: (text) =>
    isDuration(text)
      ? undefined
      : `${quoted(text)} is not a duration; expected the form 90s, 5m or 1h30m`,
  filled: (text) => (text.trim() === '' ? 'the text is empty' : undefined),
  glob: (text) => {
    const fault = globFault(text);
    return fault === undefined ? undefined : `${quoted(text)} ${fault}`;
  },
  id: (text) =>
    /^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$/.test(text)
      ? undefined
      : `${quoted(text)} is not an id; allowed are letters, digits and ". _ : -", beginning with a letter or digit`,
  pattern: judgePattern,
  pin: judgePin,
  platform: judgePlatform,
  process: (text) =>
    /^[A-Za-z0-9._-]+$/.test(text)
      ? undefined
      : `${quoted(text)} is not a process type; allowed are letters, digits and ". _ -"`,
  reference: judgeReference,
  repository: judgeRepository,
  tag: judgeTag,
  time: (text) =>
    isDay(text.slice(0, 10)) && /^.{10}T\d{2}:\d{2}:\d{2}(\.\d+)?Z$/.test(text)
      ? undefined
      : `${quoted(text)} is not a time; expected the form 2026-04-27T08:30:00Z`,
  variable: (text) =>
    /^[\w.-]+$/.test(text)
      ? undefined
      : `${quoted(text)} is not the name of a build argument or variable; allowed are letters, digits and "_ . -"`,
  version: (text) =>
    /^\d{1,9}(\.\d{1,9}){0,3}$/.test(text)
      ? undefined
      : `${quoted(text)} is not a version; expected numbers with dots, as 3.14`,
} as const satisfies Record<string, Judge>;

export type TextFormat = keyof typeof formats;
