import { readFileSync } from 'node:fs';
import { commonTokens, declareClassPlugin, PluginKind, tokens } from '@stryker-mutator/api/plugin';

const equivalents = JSON.parse(
  readFileSync(new URL('./equivalents.json', import.meta.url), 'utf8'),
);

/** The text that a mutant replaces, without the space around its lines. */
function original({ fileName, location: { start, end } }) {
  const lines = readFileSync(fileName, 'utf8')
    .split('\n')
    .slice(start.line - 1, end.line);
  lines[lines.length - 1] = lines.at(-1).slice(0, end.column - 1);
  lines[0] = lines[0].slice(start.column - 1);
  return lines.map((line) => line.trim()).join(' ');
}

/** Whether a mutant is one of those that are listed as changes that no test can notice. */
export function isEquivalent(mutant) {
  const { fileName, location, replacement } = mutant;
  const text = original(mutant);
  const line = readFileSync(fileName, 'utf8').split('\n')[location.start.line - 1].trim();
  return equivalents.some(
    (one) =>
      fileName.endsWith(one.file) &&
      one.line === line &&
      one.original === text &&
      one.replacement === replacement,
  );
}

/** Shows each mutant that no test has noticed, as soon as that is known. */
class Survivors {
  static inject = tokens(commonTokens.logger);

  onMutantTested(mutant) {
    const { fileName, location, mutatorName, replacement, status } = mutant;
    if (!['Survived', 'NoCoverage'].includes(status) || isEquivalent(mutant)) return;
    const place = `${fileName.replace(/^.*(?=src\/)/, '')}:${location.start.line}:${location.start.column}`;
    const change = `${original(mutant).slice(0, 160)}  →  ${replacement.slice(0, 120)}`;
    const word = status === 'Survived' ? 'survived' : 'not reached';
    console.log(`${word} ${place} ${mutatorName}\n    ${change}`);
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.Reporter, 'survivors', Survivors)];
