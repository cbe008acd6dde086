/** Arguments that BuildKit sets itself (dockerfile2llb/platform.go). */
export const SET_BY_BUILDKIT: ReadonlySet<string> = new Set([
  'TARGETSTAGE',
  ...['BUILD', 'TARGET'].flatMap((of) =>
    ['PLATFORM', 'OS', 'OSVERSION', 'ARCH', 'VARIANT'].map((what) => `${of}${what}`),
  ),
]);
