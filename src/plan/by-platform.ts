/** What is the same on several platforms, once, with those platforms in their order. */
export function byPlatform<T>(
  said: readonly { readonly platform: string; readonly values: readonly T[] }[],
): readonly { readonly value: T; readonly platforms: readonly string[] }[] {
  const found = new Map<string, { readonly value: T; readonly platforms: string[] }>();
  for (const { platform, values } of said) {
    for (const value of values) {
      const key = JSON.stringify(value);
      const known = found.get(key) ?? { value, platforms: [] };
      if (!known.platforms.includes(platform)) known.platforms.push(platform);
      found.set(key, known);
    }
  }
  return [...found.values()];
}
