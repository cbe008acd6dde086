import { parse, stringify, TomlError } from 'smol-toml';
import * as v from 'valibot';
import { type BuildpackSource, readBuildpack } from '../reference/index.js';
import { defined } from '../types/index.js';

/** Something that a project descriptor says, with its line where that is known. */
interface Lined {
  readonly line?: number;
}

/** A buildpack that a project descriptor names; paths start at the descriptor's folder. */
export interface ProjectBuildpack extends Lined {
  readonly source: BuildpackSource;
}

/** What a project descriptor (project.toml of schema 0.2 or 0.3) says of a build. */
export interface ProjectDescriptor {
  readonly builder?: string;
  /** Which files of the application are built, or which are not: patterns as in .gitignore. */
  readonly include?: readonly string[];
  readonly exclude?: readonly string[];
  readonly group: readonly ProjectBuildpack[];
  readonly pre: readonly ProjectBuildpack[];
  readonly post: readonly ProjectBuildpack[];
  readonly env: readonly (Lined & { readonly name: string; readonly value: string })[];
}

/** What is wrong with a project descriptor; the message does not begin with a name of the file. */
export interface DescriptorFault extends Lined {
  readonly column?: number;
  readonly message: string;
}

type DescriptorReading =
  | { readonly value: ProjectDescriptor }
  | { readonly faults: readonly DescriptorFault[] };

const SCHEMAS = ['0.2', '0.3'];

const words = v.array(v.string());
const buildpacks = v.optional(
  v.array(
    v.object({
      id: v.optional(v.string(), ''),
      version: v.optional(v.string(), ''),
      uri: v.optional(v.string(), ''),
      script: v.optional(v.object({ inline: v.optional(v.string(), '') })),
    }),
  ),
  [],
);
const variables = v.optional(v.array(v.object({ name: v.string(), value: v.string() })));
const group = v.optional(v.object({ group: buildpacks }));

/** pack 0.40, pkg/project/v02 and v03; `env.build` is an old name of `build.env`. */
const descriptor = v.object({
  io: v.optional(
    v.object({
      buildpacks: v.optional(
        v.object({
          builder: v.optional(v.string()),
          include: v.optional(words),
          exclude: v.optional(words),
          group: buildpacks,
          pre: group,
          post: group,
          build: v.optional(v.object({ env: variables })),
          env: v.optional(v.object({ build: variables })),
        }),
      ),
    }),
  ),
});

type WrittenDescriptor = v.InferOutput<typeof descriptor>;
type WrittenBuildpack = v.InferOutput<typeof buildpacks>[number];

/** Levels of a descriptor in which anything is read, and some more; dotted keys make thousands. */
const LEVELS = 16;

/** pack finds a key whatever its case is, the one that is written alike first. */
function folded(value: unknown, levels = LEVELS): unknown {
  if (levels === 0) return value;
  if (Array.isArray(value)) return value.map((one) => folded(one, levels - 1));
  if (typeof value !== 'object' || value === null || value instanceof Date) return value;
  const entries = Object.entries(value).map(
    ([key, one]) => [key, folded(one, levels - 1)] as const,
  );
  const lower = entries.map(([key, one]) => [key.toLowerCase(), one] as const);
  return Object.fromEntries([...lower, ...entries.filter(([key]) => key === key.toLowerCase())]);
}

/** The line that holds a text and is no comment. */
function lineOf(text: string, wanted: string): Lined {
  const at = text
    .split('\n')
    .findIndex((line) => line.includes(wanted) && !line.trimStart().startsWith('#'));
  return at === -1 ? {} : { line: at + 1 };
}

function schemaFault(text: string, tree: unknown): DescriptorFault | undefined {
  const schema = v.object({
    _: v.optional(v.object({ 'schema-version': v.optional(v.string()) })),
  });
  const read = v.safeParse(schema, tree);
  const version = read.success ? read.output._?.['schema-version'] : undefined;
  if (version !== undefined && SCHEMAS.includes(version)) return undefined;
  const how =
    'write schema-version = "0.2" under [_], and what the build needs under [io.buildpacks]';
  if (!read.success || (version !== undefined && version !== '0.1' && version !== '')) {
    const message = `its schema-version is not known; there are: ${SCHEMAS.join(', ')}`;
    return { ...lineOf(text, 'schema-version'), message };
  }
  const found = version === '0.1' ? 'is of schema 0.1' : 'has no schema-version, which means 0.1';
  return { ...lineOf(text, 'schema-version'), message: `it ${found}, which is not read; ${how}` };
}

/** An address, a folder or an image; a name alone is a path here. */
function readUri(uri: string): ReturnType<typeof readBuildpack> {
  const read = readBuildpack(uri);
  const isName = 'value' in read && read.value.from === 'builder' && !/^(urn:|from=)/.test(uri);
  return isName ? readBuildpack(`./${uri}`) : read;
}

function readOne(
  text: string,
  { id, version, uri, script }: WrittenBuildpack,
): ProjectBuildpack | DescriptorFault {
  const place = lineOf(text, JSON.stringify(uri || id));
  if (uri === '' && id === '') return { message: 'a buildpack in it has neither id nor uri' };
  if (script?.inline) {
    const message = `the buildpack "${id}" is a script in it, which is not built; put it into a folder, as a buildpack, and name that with uri`;
    return { ...place, message };
  }
  if (uri !== '' && version !== '') {
    return {
      ...place,
      message: `the buildpack "${uri}" has a uri and a version; keep one of them`,
    };
  }
  const named = version === '' ? id : `${id}@${version}`;
  const read = uri === '' ? readBuildpack(`urn:cnb:builder:${named}`) : readUri(uri);
  if ('value' in read) return { ...place, source: read.value };
  return { ...place, message: `the buildpack "${uri || named}" cannot be read: ${read.fault}` };
}

/** Where in the tree something is wrong, as `io.buildpacks.exclude[0]`. */
function pathOf(issue: v.BaseIssue<unknown>): string {
  const keys = (issue.path ?? []).map(({ key }) => key);
  return keys
    .map((key) => (typeof key === 'number' ? `[${key}]` : `.${String(key)}`))
    .join('')
    .slice(1);
}

function compose(text: string, { io }: WrittenDescriptor): DescriptorReading {
  const { builder, include, exclude, ...said } = io?.buildpacks ?? { group: [] };
  const all = (list: readonly WrittenBuildpack[]) => list.map((one) => readOne(text, one));
  const [own, pre, post] = [
    all(said.group),
    all(said.pre?.group ?? []),
    all(said.post?.group ?? []),
  ];
  const faults = [...own, ...pre, ...post].flatMap((one) => ('message' in one ? [one] : []));
  if (include !== undefined && exclude !== undefined) {
    const message = 'it has both include and exclude; keep one of them';
    faults.push({ ...lineOf(text, 'include'), message });
  }
  if (faults.length > 0) return { faults };
  const read = (list: typeof own) => list.flatMap((one) => ('source' in one ? [one] : []));
  const env = said.build?.env ?? said.env?.build ?? [];
  return {
    value: {
      ...defined({ builder: builder || undefined, include, exclude }),
      group: read(own),
      pre: read(pre),
      post: read(post),
      env: env.map((one) => ({ ...one, ...lineOf(text, JSON.stringify(one.name)) })),
    },
  };
}

/**
 * Reads a project descriptor by the rules of pack 0.40 (pkg/project), but for schema 0.1,
 * scripts in it, and ids, which are always the builder's own. No message holds text that is
 * not part of a name.
 */
export function readProjectDescriptor(text: string): DescriptorReading {
  let tree: unknown;
  try {
    tree = folded(parse(text.replace(/^\ufeff/, ''), { integersAsBigInt: 'asNeeded' }));
  } catch (error) {
    if (!(error instanceof TomlError)) throw error;
    const [reason = ''] = error.message.replace(/^Invalid TOML document: /, '').split('\n');
    const { line, column } = error;
    return { faults: [{ line, column, message: `it is not TOML: ${reason}` }] };
  }
  const fault = schemaFault(text, tree);
  if (fault !== undefined) return { faults: [fault] };
  const read = v.safeParse(descriptor, tree);
  if (read.success) return compose(text, read.output);
  const faults = read.issues.map((issue) => {
    const path = pathOf(issue);
    const place = lineOf(
      text,
      path
        .split('.')
        .at(-1)
        ?.replace(/\[\d+\]$/, '') ?? '',
    );
    return { ...place, message: `${path} is ${issue.received}, expected ${issue.expected}` };
  });
  return { faults };
}

/** A descriptor that says which files of an application are built, and nothing else. */
export function writeProjectDescriptor({
  include = [],
  exclude = [],
}: {
  readonly include?: readonly string[] | undefined;
  readonly exclude?: readonly string[] | undefined;
}): string {
  const files = {
    ...(include.length === 0 ? {} : { include }),
    ...(exclude.length === 0 ? {} : { exclude }),
  };
  return stringify({ _: { 'schema-version': '0.2' }, io: { buildpacks: files } });
}
