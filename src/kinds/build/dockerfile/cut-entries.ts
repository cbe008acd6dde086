import type { ScalarNode, SourceNode } from '../../../document/index.js';
import { joinWords, type Problem } from '../../../evidence/index.js';

/** How an entry of NAME=VALUE is told from a part of one. */
interface EntryForm {
  /** The name that each entry has, and has once. */
  readonly head: string;
  isName(name: string): boolean;
}

/** `mode`, of a text that is one `mode=max`; undefined of an entry with several. */
function nameOf(raw: SourceNode, { isName }: EntryForm): string | undefined {
  const [, name] = raw.kind === 'scalar' ? (/^([\w-]+)=[^,]*$/.exec(raw.text.trim()) ?? []) : [];
  return name !== undefined && isName(name) ? name : undefined;
}

/** Items one after the other that are one entry. */
function grouped(items: readonly SourceNode[], form: EntryForm): readonly SourceNode[][] {
  const groups: SourceNode[][] = [];
  let names: string[] = [];
  for (const item of items) {
    const name = nameOf(item, form);
    const goesOn = name !== undefined && names.length > 0 && !names.includes(name);
    if (goesOn) groups.at(-1)?.push(item);
    else groups.push([item]);
    names = name === undefined ? [] : goesOn ? [...names, name] : [name];
  }
  return groups;
}

/** An entry without its values, of which one may be a secret, but for that of its head. */
function shownEntry(group: readonly SourceNode[], form: EntryForm): string {
  const parts = group.map((one) => {
    const name = nameOf(one, form) ?? '';
    return name === form.head && one.kind === 'scalar' ? one.text.trim() : `${name}=…`;
  });
  return parts.join(',');
}

/**
 * The items of a list, without those that are parts of one entry, whose comma divided the list,
 * and a problem for each such entry.
 */
export function withoutCutEntries(
  items: readonly SourceNode[],
  form: EntryForm,
  fromInputs: boolean,
): { readonly items: readonly SourceNode[]; readonly problems: readonly Problem[] } {
  // No comma divides the lines of an input.
  if (fromInputs) return { items, problems: [] };
  const problems: Problem[] = [];
  const whole = grouped(items, form).flatMap((group) => {
    const [first] = group;
    const names = group.map((one) => nameOf(one, form) ?? '');
    if (first === undefined || group.length < 2 || !names.includes(form.head)) return group;
    const parts = joinWords(names.map((name) => `"${name}"`));
    const isOneLine = group.every(({ at }) => at.line === first.at.line);
    const why = isOneLine ? ': a comma without quotes divides the list' : '';
    const message = `${parts} belong to one entry, and are items of their own${why}; write the whole entry in quotes, '${shownEntry(group, form)}'`;
    problems.push({ ...first.at, message });
    return [];
  });
  return { items: whole, problems };
}

/** The texts of items. */
export function scalarsOf(items: readonly SourceNode[]): readonly ScalarNode[] {
  return items.flatMap((one) => (one.kind === 'scalar' ? [one] : []));
}
