import type { Problem } from '../../evidence/index.js';
import { nearest } from '../../platform/index.js';
import { passwordsOf } from './builder.js';
import { itemsOf } from './inline.js';
import type { Input } from './input.js';
import { inputs } from './inputs.js';
import { passwordsIn } from './logins.js';
import { parseRequest, type Reading } from './parse.js';
import type { RequestSource } from './reader.js';
import { refusal } from './refused-inputs.js';
import type { ParsedRequest } from './request.js';
import type { StartContext } from './start.js';

const LATER = ['trial', 'publish', 'verify', 'promote'];

/** Inputs that are a secret as they are. */
const SECRET_INPUTS = ['github-token', 'password'];

/** Addresses that may hold a password. */
const MIRRORS = ['buildx-mirror', 'pack-mirror'];

/** Under docker/login-action's name a list is refused, and its passwords are secrets all the same. */
const LOGIN_LISTS = ['registries', 'registry-auth'];

/**
 * What a log must not show, whatever else is wrong with the inputs: tokens, and
 * what stands behind each secret's name, or a secret that lost its name.
 */
export function secretTexts(values: ReadonlyMap<string, string>): readonly string[] {
  const items = itemsOf(values.get('secrets') ?? '', 'lines');
  return [
    ...SECRET_INPUTS.map((name) => values.get(name)?.trim() ?? ''),
    ...MIRRORS.flatMap((name) => passwordsOf(values.get(name)?.trim() ?? '') ?? []),
    ...LOGIN_LISTS.flatMap((name) => passwordsIn(values.get(name) ?? '')),
    ...items.map((item) => (/^[^=]+=/.test(item) ? item.slice(item.indexOf('=') + 1) : item)),
  ].filter((text) => text !== '');
}

function problemOf(name: string, message: string): Problem {
  return { file: `input "${name}"`, message };
}

/** Inputs that do not exist, and those of docker's actions that are refused. */
function unknownInputs(values: ReadonlyMap<string, string>): readonly Problem[] {
  const known = inputs.filter(({ action }) => action).map(({ name }) => name);
  const unknown = [...values].filter(([name, text]) => !known.includes(name) && text.trim() !== '');
  return unknown.flatMap(([name, text]) => {
    const refused = refusal(name, text);
    if (refused !== undefined) {
      return refused.answer === undefined ? [] : [problemOf(name, refused.answer)];
    }
    const near = nearest(name, known);
    const hint = near === undefined ? '' : `; did you mean "${near}"?`;
    return [problemOf(name, `there is no such input${hint}`)];
  });
}

function modeProblems(mode: string, modes: readonly string[]): readonly Problem[] {
  if (modes.includes(mode)) return [];
  const why = LATER.includes(mode) ? 'does not exist in this version' : 'is not known';
  return [problemOf('mode', `"${mode}" ${why}; there are: ${modes.join(', ')}`)];
}

function sourceOf(values: ReadonlyMap<string, string>): RequestSource {
  const written = ({ name, action }: Input) => (action ? (values.get(name) ?? '') : '');
  return {
    text: (input) => written(input).trim() || undefined,
    items(input) {
      const text = written(input);
      return text.trim() === '' ? [] : itemsOf(text, input.type);
    },
    quote: () => 'an item',
    problem: ({ name }, message) => problemOf(name, message),
  };
}

/**
 * The request that the action's inputs make. `values` holds the texts by the
 * inputs' own names (`build-args`); an empty text is an input that is not set.
 * `modes` are the values of the input `mode`.
 */
export function fromInputs(
  values: ReadonlyMap<string, string>,
  start: StartContext,
  modes: readonly string[],
): Reading<ParsedRequest> {
  const of = { command: 'run', from: 'inputs' } as const;
  const { request, problems: found } = parseRequest(sourceOf(values), of, start);
  const problems = [...unknownInputs(values), ...modeProblems(request.command, modes), ...found];
  return problems.length > 0 ? { problems } : { request };
}
