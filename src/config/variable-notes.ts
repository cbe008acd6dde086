import { mapScalars, type SourceNode } from '../document/index.js';
import { type Lookup, programTexts } from '../kinds/index.js';
import { placeholderOf } from './placeholders.js';
import { writtenPlace } from './problems.js';
import { FORM, forOwn, isOwn, REFERENCE } from './variables.js';

/* What is worth knowing of variables that are right as they are written. */

/** A variable as a shell has it, which stays as it is. */
const BARE = /(?<!\$)\$([A-Za-z_]\w*)/g;

/** About `$NAME` in a build, where Compose reads a variable; in tests a shell may have it. */
export function bareNotes(build: SourceNode | undefined): readonly string[] {
  const notes: string[] = [];
  if (build === undefined) return notes;
  mapScalars(build, (one) => {
    for (const [written, name = ''] of one.text.matchAll(BARE)) {
      const placeholder = placeholderOf(name);
      const right =
        placeholder === undefined
          ? `a variable is written \${${name}}`
          : `what BuildKit calls ${name} is written '{${placeholder}}'`;
      notes.push(
        `${writtenPlace(one.at)}: "${written}" stays as it is; ${right}, and "$${written}" is the text without this note.`,
      );
    }
    return one;
  });
  return notes;
}

/** About defaults of what BuildKit sets, which one platform and the next would get alike. */
export function defaultNotes(image: SourceNode, find: Lookup): readonly string[] {
  const notes: string[] = [];
  mapScalars(image, (one) => {
    for (const [written, , body = ''] of one.text.matchAll(REFERENCE)) {
      const [, name = '', operator] = FORM.exec(body) ?? [];
      const placeholder = operator === ':-' ? placeholderOf(name) : undefined;
      if (placeholder === undefined || find(name)) continue;
      notes.push(
        `${writtenPlace(one.at)}: "${written}" is its default on every platform, since BuildKit sets ${name} in a Dockerfile alone; what differs per platform is written '{${placeholder}}'.`,
      );
    }
    return one;
  });
  return notes;
}

/** About the variables in a test that have this machine's value, and a value of their own in each container. */
export function ownNotes(
  test: SourceNode,
  isFromEnvironment: (name: string) => boolean,
): readonly string[] {
  const { onHost, run, beside } = programTexts(test);
  if (onHost) return [];
  return [...run, ...beside].flatMap((one) => {
    const bodies = [...one.text.matchAll(REFERENCE)].map(([, , body = '']) => body);
    const names = bodies.flatMap((body) => FORM.exec(body)?.[1] ?? []);
    return [...new Set(names)]
      .filter(isOwn)
      .filter(isFromEnvironment)
      .map((name) => {
        const right = run.includes(one)
          ? forOwn(name)
          : `the container's own is known to a shell in "run" alone, as "$${name}"`;
        return `${writtenPlace(one.at)}: "\${${name}}" is the value of the machine that runs this, not the container's; ${right}.`;
      });
  });
}
