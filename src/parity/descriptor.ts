import { readProjectDescriptor } from '../buildpacks/index.js';
import type { Problem } from '../evidence/index.js';
import { parseReference } from '../reference/index.js';

/** What a project descriptor says of its build. */
export interface DescribedBuild {
  readonly builder: string;
  /** `ID@VERSION` of its groups, as far as they say that. */
  readonly buildpacks: readonly string[];
}

/** Reads the builder of a project.toml, and the buildpacks that it names by version. */
export function readDescriptor(
  text: string,
  file: string,
): { readonly value: DescribedBuild } | { readonly problems: readonly Problem[] } {
  const read = readProjectDescriptor(text);
  if ('faults' in read) return { problems: read.faults.map((fault) => ({ file, ...fault })) };
  const { builder, group, pre, post } = read.value;
  const refuse = (message: string) => ({ problems: [{ file, message }] });
  if (builder === undefined) return refuse('it names no builder ("io.buildpacks.builder")');
  const parsed = parseReference(builder);
  if (!parsed.ok) return refuse(parsed.problem.message.replace(/\.$/, ''));
  const buildpacks = [...pre, ...group, ...post].flatMap(({ source }) =>
    'id' in source && source.version !== undefined ? [`${source.id}@${source.version}`] : [],
  );
  return { value: { builder, buildpacks } };
}
