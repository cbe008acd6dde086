import type { InferOutput } from 'valibot';
import type { BuiltBy } from './build-kind.js';
import type * as schema from './schema.js';

type DeepReadonly<T> = T extends (infer E)[]
  ? readonly DeepReadonly<E>[]
  : T extends object
    ? { readonly [K in keyof T]: DeepReadonly<T[K]> }
    : T;

export type Evidence = DeepReadonly<InferOutput<typeof schema.evidence>>;
export type Plan = DeepReadonly<InferOutput<typeof schema.plan>>;
export type Finding = DeepReadonly<InferOutput<typeof schema.finding>>;
export type Location = DeepReadonly<InferOutput<typeof schema.location>>;
export type Severity = InferOutput<typeof schema.severity>;
export type Descriptor = DeepReadonly<InferOutput<typeof schema.descriptor>>;

export type PlannedImage = Plan['images'][number];
export type PlannedTest = PlannedImage['tests'][number];
export type BuildPlan = PlannedImage['build'];
export type DockerfilePlan = Extract<BuildPlan, { readonly kind: 'dockerfile' }>;
export type BuildpackPlan = Extract<BuildPlan, { readonly kind: 'buildpack' }>;
export type DockerfileImage = BuiltBy<PlannedImage, 'dockerfile'>;
export type BuildpackImage = BuiltBy<PlannedImage, 'buildpack'>;
export type EnvironmentFacts = NonNullable<Evidence['environment']>;
export type Trial = Evidence['trials'][number];
export type BuildFacts = NonNullable<Trial['build']>;
export type ImageFacts = NonNullable<Trial['built']>;
export type ContentFacts = NonNullable<Trial['contents']>;
export type ProgramFacts = ContentFacts['programs'][number];
export type TestResult = Trial['tests'][number];
export type TestProgram = NonNullable<TestResult['program']>;
export type Publication = Evidence['publications'][number];
export type Served = Publication['served'][number];
