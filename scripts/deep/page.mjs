const row = (cells) => `| ${cells.join(' | ')} |`;

function lineOf(name, { shows }, result) {
  if (result === undefined) return row([`\`${name}\``, shows, 'not run yet', '', '']);
  const { passed, date, seconds } = result;
  return row([`\`${name}\``, shows, passed ? 'passed' : 'failed', date, `${seconds} s`]);
}

/** docs/deep.md: each part with its last result. */
export function page(parts, results) {
  const names = ['part', 'shows that', 'last result', 'date', 'took'];
  const lines = Object.entries(parts).map(([name, part]) => lineOf(name, part, results[name]));
  return `<!-- Made by npm run test:deep -- --write. -->

# Deep tests

\`npm run test:deep\` runs what is too heavy for every change; the CI runs it once a week. \`npm run test:deep -- PART\` runs one part. After one \`npm test\`, which brings what the parts need.

${[row(names), row(names.map(() => '---')), ...lines].join('\n')}
`;
}
