import type { PlannedTest, TestResult } from '../evidence/index.js';

/* What to do about a program that could not be executed, where the words about it say enough. */

/** Who runs the program, by a name that the image does not have. */
const NO_USER = /unable to find (user|group) (.+?): no matching/;

const LISTS: Readonly<Record<string, string>> = { user: '/etc/passwd', group: '/etc/group' };

function userRemedy(reason: string, test: Pick<PlannedTest, 'user'> | undefined) {
  const [, what = '', name = ''] = NO_USER.exec(reason) ?? [];
  if (name === '') return undefined;
  const by = test?.user === undefined ? 'USER' : '"user" of the test';
  return `Create the ${what} "${name}" in the image, or change ${by}, which names it; a number needs no entry in ${LISTS[what]}.`;
}

/** A program and what is wrong with it: by the host's system, by runc and the launcher, or by the container's first process. */
const SAID = [
  /^could not be executed: (.+): (E[A-Z]+)$/s,
  /exec: "((?:[^"\\]|\\.)*)": (.*)$/s,
  /exec (\S+): (.*)$/s,
];

function programIn({ reason = '' }: TestResult) {
  const said = SAID.map((form) => form.exec(reason)).find((one) => one !== null);
  const [, program = '', fault = ''] = said ?? [];
  return { program, fault };
}

/** A list whose first word has all the words in it, which are not taken apart: a secret would be known no more. */
function oneWord(program: string, { executed }: TestResult): string {
  const where = executed === undefined ? 'ENTRYPOINT or CMD' : 'the list';
  return `"${program}" is one word with a blank in it, the name of a single program: give each argument a word of its own in ${where}, as in ["/greeter", "--version"].`;
}

/** Undefined where the general words are all that there is to say; `test` is what the result is of. */
export function startRemedy(
  result: TestResult,
  test?: Pick<PlannedTest, 'user'>,
): string | undefined {
  const user = userRemedy(result.reason ?? '', test);
  if (user !== undefined) return user;
  const { program, fault } = programIn(result);
  if (/\s/.test(program) && /not found|no such file|^ENOENT/.test(fault)) {
    return oneWord(program, result);
  }
  if (fault === 'EACCES') return `Set the x bit of ${program}: chmod +x.`;
  return fault === 'permission denied'
    ? `Set the x bit of ${program}: COPY --chmod=0755, or chmod +x in the step that makes it.`
    : undefined;
}
