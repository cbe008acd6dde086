import { shellCommands, shellText } from './shell.js';

/** Programs that start what one of their further words names. */
const STARTERS = new Set(
  'busybox catatonit catchsegv chpst chroot chrt dbus-run-session doas dumb-init eatmydata env fakeroot faketime flock gosu ionice linux32 linux64 ltrace nice nohup numactl parallel prlimit runuser s6-envuidgid s6-setuidgid script setarch setpriv setsid softlimit stdbuf strace su-exec sudo taskset time timeout tini tini-static toybox unbuffer unshare valgrind watch with-contenv xargs xvfb-run'.split(
    ' ',
  ),
);
const LOADER = /^ld(?:-[\w.-]+)?\.so(?:\.\d+)?$/;

/** Words of a command line that are looked at. */
const LOOKED = 1000;

const nameOf = (word: string): string => word.slice(word.lastIndexOf('/') + 1);

/**
 * The programs that a command line starts, as far as its words tell: the first, what that
 * starts in turn (`timeout 5 app`), and what the text of a shell names (`sh -c app`).
 */
export function launched(
  words: readonly string[],
  isProgram: (word: string) => boolean,
): readonly string[] {
  const [first] = words;
  if (first === undefined) return [];
  const shell = shellText(words);
  if (shell?.at === 0) return [first, ...launchedByText(shell.text, isProgram)];
  const name = nameOf(first);
  if (!STARTERS.has(name) && !LOADER.test(name)) return [first];
  const next = words.findIndex((word, at) => at > 0 && !word.startsWith('-') && isProgram(word));
  if (next === -1) return [first];
  return [first, ...launched(words.slice(next, LOOKED), isProgram)];
}

/** The same of a shell's text, as a whole and, for the sake of here-documents, line by line. */
export function launchedByText(
  text: string,
  isProgram: (word: string) => boolean,
): readonly string[] {
  const lines = text.split('\n');
  const texts = lines.length === 1 ? lines : [text, ...lines];
  const commands = texts.flatMap((one) => shellCommands(one));
  return commands.flatMap(({ program, rest }) => launched([program, ...rest], isProgram));
}
