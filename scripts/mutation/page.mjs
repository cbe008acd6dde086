const ROOMS = [
  'publish',
  'verify',
  'evidence',
  'test',
  'pipeline',
  'config/trust',
  'plan/trust',
  'registry/authentication',
];

const row = (cells) => `| ${cells.join(' | ')} |`;

function table(rooms) {
  const lines = rooms.map(
    ([room, { date, mutants, tested, killed, survived, noCoverage, score }]) =>
      row([room, date, mutants, tested, killed, survived, noCoverage, `${score.toFixed(1)} %`]),
  );
  const names = ['room', 'date', 'mutants', 'tested', 'killed', 'survived', 'not reached', 'score'];
  return [row(names), row(names.map(() => '---')), ...lines].join('\n');
}

function listOf(equivalents) {
  if (equivalents.length === 0) return 'None has been listed yet.';
  const names = ['file', 'line', 'written', 'changed to', 'why no test can tell'];
  const code = (text) => `\`${text.replaceAll('|', '\\|')}\``;
  const lines = equivalents.map(({ file, line, original, replacement, reason }) =>
    row([file, code(line), code(original), code(replacement), reason]),
  );
  return [row(names), row(names.map(() => '---')), ...lines].join('\n');
}

/**
 * The rooms' mean score, each room weighted by its number of changes, in percent. Parts
 * (`plan/trust`) are in their rooms already.
 */
export function overall(rooms) {
  const whole = Object.entries(rooms).filter(([room]) => !room.includes('/'));
  const mutants = whole.reduce((sum, [, room]) => sum + room.mutants, 0);
  const killed = whole.reduce((sum, [, room]) => sum + room.mutants * room.score, 0);
  return mutants === 0 ? undefined : killed / mutants;
}

function overallWords(rooms, names) {
  const score = overall(rooms);
  if (score === undefined) return 'No room has been measured yet.';
  const left = names.filter((name) => !Object.hasOwn(rooms, name));
  const but = left.length === 0 ? '' : ` Not measured yet: ${left.join(', ')}.`;
  return `Over all of \`src\`: **${score.toFixed(1)} %**, the mean of the rooms' scores, each weighted by the room's number of changes.${but}`;
}

/**
 * docs/mutation.md: what was measured, by room, and the changes that no test can notice.
 * `names` are those of all rooms.
 */
export function page(rooms, equivalents, names) {
  const all = Object.entries(rooms);
  const chain = ROOMS.flatMap((room) => all.filter(([name]) => name === room));
  const others = all.filter(([name]) => !ROOMS.includes(name));
  return `<!-- Made by npm run test:mutation -- --write. -->

# Tests that notice

\`npm run test:mutation\` changes the sources in one place at a time, a condition, a text, an operator, and runs the unit tests that reach that place. A change is killed if a test fails. One that survives is a fault that nothing would have noticed within the unit tests; the suites on a real engine may notice some of them, minutes later.

The aim is 95 % in the rooms of the proof chain and 88 % in all. A room's tests are those of its own folder in \`__tests__\`, with those of the room that uses it most; \`plan/trust\` and \`registry/authentication\` are the parts of a room that belong to the proof chain; what only distant tests notice counts as survived. If fewer changes were tested than there are, they are a sample by a seed, so the score is within a few percent of the room's own; a sample leaves out what is evaluated while a module loads, which a run over all changes tests.

${overallWords(rooms, names)}

## The proof chain

${table(chain)}
${others.length === 0 ? '' : `\n## Other rooms\n\n${table(others)}\n`}
## Changes that no test can notice

They count neither as killed nor as survived. The list is \`scripts/mutation/equivalents.json\`.

${listOf(equivalents)}
`;
}
