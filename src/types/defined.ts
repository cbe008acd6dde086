type OptionalKey<T> = { [K in keyof T]: undefined extends T[K] ? K : never }[keyof T];

/** The same fields, of which those that may be undefined are optional instead. */
type Defined<T> = Omit<T, OptionalKey<T>> & {
  [K in OptionalKey<T>]?: Exclude<T[K], undefined>;
};

/**
 * The fields of an object that have a value, in their order. An optional field of our
 * types is there or is not (`exactOptionalPropertyTypes`), so that `in`, a spread over
 * defaults and JSON all agree; this is how one is left out.
 */
export function defined<const T extends object>(fields: T): Defined<T> {
  const entries = Object.entries(fields).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as Defined<T>;
}
