/**
 * The oldest buildx that is used as it is: since 0.13 `ls` prints JSON, `create` has
 * --buildkitd-config, and builds report as rawjson.
 */
export const OLDEST_BUILDX = '0.13.0';

/**
 * The oldest pack that is used: earlier ones take the wrong platform of a builder where the
 * engine has the containerd store (buildpacks/pack#2587).
 */
export const OLDEST_PACK = '0.40.4';

/** Whether the first version is older; versions are `1.2.3`, what follows is not compared. */
export function isOlder(version: string, than: string): boolean {
  const numbers = (text: string) => text.split('.').map(Number.parseFloat);
  const [a, b] = [numbers(version), numbers(than)];
  for (const i of [0, 1, 2]) {
    const [left, right] = [a[i] || 0, b[i] || 0];
    if (left !== right) return left < right;
  }
  return false;
}
