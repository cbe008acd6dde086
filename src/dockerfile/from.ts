import { readFields } from '../reference/index.js';
import { BLANKS, type Instruction } from './parse.js';

/** What a FROM says, as it is written. */
interface From {
  readonly image: string;
  /** In lower case. */
  readonly name?: string;
  /** What stands behind `--platform=`. */
  readonly platform?: string;
}

/** The value of a flag; undefined where the flag is not there, or empty. */
function flagOf({ flags }: Pick<Instruction, 'flags'>, name: string): string | undefined {
  const start = `--${name}=`;
  return flags.find((flag) => flag.startsWith(start))?.slice(start.length) || undefined;
}

export function readFrom(instruction: Instruction): From {
  const [image = '', as = '', name] = instruction.text.split(BLANKS);
  const platform = flagOf(instruction, 'platform');
  return {
    image,
    ...(/^as$/i.test(as) && name !== undefined ? { name: name.toLowerCase() } : {}),
    ...(platform === undefined ? {} : { platform }),
  };
}

/** The stages and images that a COPY or a RUN takes something from, as they are written. */
export function takenIn(instruction: Instruction): {
  readonly copied?: string;
  readonly mounted: readonly string[];
} {
  const { keyword, flags } = instruction;
  const copied = keyword === 'COPY' ? flagOf(instruction, 'from') : undefined;
  const mounts = keyword === 'RUN' ? flags.filter((flag) => flag.startsWith('--mount=')) : [];
  const mounted = mounts.flatMap((flag) => {
    const fields = readFields(flag.slice('--mount='.length));
    const options = 'value' in fields ? fields.value : [];
    return options.filter((one) => /^from=./i.test(one)).map((one) => one.slice('from='.length));
  });
  return { ...(copied === undefined ? {} : { copied }), mounted };
}
