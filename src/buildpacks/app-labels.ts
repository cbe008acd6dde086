import { fieldsOf, type ImageConfig, isObject, type Json, jsonIn } from '../oci/index.js';
import { defined } from '../types/index.js';
import { distributionOf } from './labels.js';
import { BUILD_METADATA } from './launch.js';

/** The label that says of which layers an image is made (buildpacks/spec: platform.md, Labels). */
const LIFECYCLE = 'io.buildpacks.lifecycle.metadata';

const MANY = 2000;

/** What the labels of a built application say of how it was built. */
export interface AppLabels {
  /** `ID@VERSION` of those that took part, in their order. */
  readonly buildpacks: readonly string[];
  /** The version of the lifecycle whose launcher it has. */
  readonly launcher?: string;
  /** The types of processes that the image can start. */
  readonly processes: readonly string[];
  readonly runImage: {
    /** As it was asked for. */
    readonly image?: string;
    /** With the digest that was used. */
    readonly reference?: string;
  };
  /** `production` or `test`; older lifecycles do not say. */
  readonly execEnv?: string;
  readonly distribution?: string;
}

const objectIn = (value: unknown): Json => (isObject(value) ? value : {});

const objectsIn = (value: unknown): readonly Json[] =>
  Array.isArray(value) ? value.slice(0, MANY).filter(isObject) : [];

/**
 * Reads the labels of an image that the lifecycle has built; a clause for each thing that
 * is wrong, where they are missing or cannot be read.
 */
export function appLabels(
  config: ImageConfig,
): { readonly value: AppLabels } | { readonly problems: readonly string[] } {
  const problems: string[] = [];
  const labelled = (name: string): Json => {
    const text = config.labels.get(name);
    const value = text === undefined ? undefined : jsonIn(text);
    if (text === undefined) problems.push(`it has no label ${name}`);
    else if (!isObject(value)) problems.push(`its label ${name} is not a JSON object`);
    return objectIn(value);
  };
  const [build, lifecycle] = [labelled(BUILD_METADATA), labelled(LIFECYCLE)];
  if (problems.length > 0) return { problems };
  const launcher = fieldsOf(objectIn(build.launcher), `label ${BUILD_METADATA}, launcher`);
  const run = fieldsOf(objectIn(lifecycle.runImage), `label ${LIFECYCLE}, runImage`);
  const whole = fieldsOf(lifecycle, `label ${LIFECYCLE}`);
  const named = objectsIn(build.buildpacks).map((one) => {
    const fields = fieldsOf(one, `label ${BUILD_METADATA}, buildpacks`);
    const [id, version] = [fields.text('id'), fields.text('version')];
    problems.push(...fields.problems);
    return `${id ?? ''}@${version ?? ''}`;
  });
  const processes = objectsIn(build.processes).flatMap(({ type }) =>
    typeof type === 'string' ? [type] : [],
  );
  const value: AppLabels = {
    buildpacks: named,
    processes,
    ...defined({ launcher: launcher.text('version') }),
    runImage: defined({ image: run.text('image'), reference: run.text('reference') }),
    ...defined({ execEnv: whole.text('exec-env'), distribution: distributionOf(config) }),
  };
  problems.push(...launcher.problems, ...run.problems, ...whole.problems);
  return problems.length > 0 ? { problems } : { value };
}
