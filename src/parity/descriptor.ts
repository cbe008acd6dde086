import { parse, TomlError } from 'smol-toml';
import type { Problem } from '../evidence/index.js';
import { isObject, type Json } from '../oci/index.js';
import { parseReference } from '../reference/index.js';

const objectIn = (value: unknown): Json => (isObject(value) ? value : {});

/** What a project descriptor says of its build. */
export interface DescribedBuild {
  readonly builder: string;
  /** `ID@VERSION` of its groups. */
  readonly buildpacks: readonly string[];
}

function toml(
  text: string,
  file: string,
): { readonly value: Json } | { readonly problem: Problem } {
  try {
    return { value: parse(text) };
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const { line, column } = error;
    const reason = error.message.split('\n', 1)[0]?.replace(/^Invalid TOML document: /, '');
    return { problem: { file, line, column, message: `this is not valid TOML: ${reason}` } };
  }
}

/** Reads the builder and the buildpacks of a project.toml (buildpacks/spec: extensions/project-descriptor.md, 0.2). */
export function readDescriptor(
  text: string,
  file: string,
): { readonly value: DescribedBuild } | { readonly problems: readonly Problem[] } {
  const read = toml(text, file);
  if ('problem' in read) return { problems: [read.problem] };
  const refuse = (message: string) => ({ problems: [{ file, message }] });
  const build = objectIn(objectIn(read.value.io).buildpacks);
  const { builder } = build;
  if (builder === undefined) {
    const old = objectIn(read.value.build).builder !== undefined;
    return refuse(
      old
        ? 'it is written by schema 0.1; schema 0.2 has the builder in "io.buildpacks.builder"'
        : 'it has no "io.buildpacks.builder"',
    );
  }
  if (typeof builder !== 'string') return refuse('"io.buildpacks.builder" is not a text');
  const parsed = parseReference(builder);
  if (!parsed.ok)
    return refuse(`"io.buildpacks.builder": ${parsed.problem.message.replace(/\.$/, '')}`);
  const groups = Array.isArray(build.group) ? build.group.slice(0, 200) : [];
  const buildpacks = groups.flatMap((one) => {
    const { id, version } = objectIn(one);
    return typeof id === 'string' && typeof version === 'string' ? [`${id}@${version}`] : [];
  });
  return { value: { builder, buildpacks } };
}
