interface WithBuild {
  readonly build: { readonly kind: string };
}

type Kind<I extends WithBuild> = I['build']['kind'];

/** An image that is built in one of the ways there are. */
export type BuiltBy<I extends WithBuild, K extends Kind<I>> = I & {
  readonly build: Extract<I['build'], { readonly kind: K }>;
};

/** Whether an image, planned or as the configuration has it, is built in a certain way. */
export function isBuiltBy<I extends WithBuild, K extends Kind<I>>(
  image: I,
  kind: K,
): image is BuiltBy<I, K> {
  return image.build.kind === kind;
}

/** Those of the images that are built in a certain way. */
export function builtBy<I extends WithBuild, K extends Kind<I>>(
  images: readonly I[],
  kind: K,
): readonly BuiltBy<I, K>[] {
  return images.filter((image): image is BuiltBy<I, K> => isBuiltBy(image, kind));
}
