/** What a buildpack came to when it was asked whether the application is one for it. */
export interface Detection {
  /** `ID VERSION` */
  readonly buildpack: string;
  /** `err`: its program for this ended with something other than 0 and 100. */
  readonly result: 'pass' | 'fail' | 'skip' | 'err';
  readonly exitCode?: number;
  /** What it wrote, where it ended with an error. */
  readonly output: readonly string[];
}

const RESULT = /^(pass|fail|skip|err): +(\S+)@(\S+)(?: \((\d+)\))?$/;
const HEADING = /^======== (?:(Output|Error): (\S+)@(\S+)|Results) ========$/;

type Result = Detection['result'];

/**
 * The last answer of each buildpack, by the lines of the phase "detect". The lifecycle writes
 * for each group of the order: `======== Output: ID@VERSION ========` with what the buildpack
 * wrote, then `======== Results ========` and a line for each, such as `err:  ID@VERSION (1)`.
 * Source: buildpacks/lifecycle phase/detector.go, Resolve.
 */
export function detectionOf(lines: readonly string[]): readonly Detection[] {
  const outputs = new Map<string, string[]>();
  const found = new Map<string, Detection>();
  let output: string[] | undefined;
  for (const line of lines) {
    const heading = HEADING.exec(line);
    if (heading !== null) {
      const [, what, id, version] = heading;
      const buildpack = `${id} ${version}`;
      // A buildpack that stands in several groups is told of again with each.
      const before = what === 'Error' ? outputs.get(buildpack) : undefined;
      output = what === undefined ? undefined : (before ?? []);
      if (output !== undefined) outputs.set(buildpack, output);
      continue;
    }
    const [, result, id, version, code] = RESULT.exec(line) ?? [];
    if (output !== undefined || result === undefined) {
      output?.push(line);
      continue;
    }
    const buildpack = `${id} ${version}`;
    found.set(buildpack, {
      buildpack,
      result: result as Result,
      ...(code === undefined ? {} : { exitCode: Number(code) }),
      output: result === 'err' ? (outputs.get(buildpack) ?? []) : [],
    });
  }
  return [...found.values()];
}
