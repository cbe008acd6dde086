import { dump } from 'js-yaml';
import type { PlannedImage, PlannedTest } from '../../evidence/index.js';
import { writeBuild } from '../../kinds/index.js';

/* The inputs of the action describe one image; here it is as sea-trial.yml says it. */

/** Whether the action's inputs describe an image: it stands in no file then. */
export function isFromInputs({ location }: PlannedImage): boolean {
  return location === undefined;
}

type Keys = Readonly<Record<string, unknown>>;

/** Keys with something behind them. */
function filled(keys: Keys): Keys | undefined {
  const said = Object.entries(keys).filter(
    ([, value]) =>
      value !== undefined &&
      value !== false &&
      !(typeof value === 'object' && value !== null && Object.keys(value).length === 0),
  );
  return said.length === 0 ? undefined : Object.fromEntries(said);
}

const unless = <T>(implied: T, value: T) => (value === implied ? undefined : value);

/** What placeholders made of a test is for some platforms only. */
function testOf({ run, process, platforms }: PlannedTest): readonly unknown[] {
  const only = platforms === undefined ? {} : { platforms };
  if (process !== undefined) return [{ process, ...only }];
  if (run === undefined) return [];
  if ('shell' in run) return [platforms === undefined ? run.shell : { run: run.shell, ...only }];
  return [{ run: run.exec, ...only }];
}

/** A `$` that would begin a variable of the configuration. */
function plain(value: unknown): unknown {
  if (typeof value === 'string') return value.replace(/\$(?=[${])/g, '$$$$');
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, plain(one)]));
}

/** Images that the inputs describe as the text of `images` in sea-trial.yml, with a newline at its end. */
export function imagesAsFile(images: readonly PlannedImage[]): string {
  const entries = images.map((image) => {
    const { id, platforms, targets, tests } = image;
    const [target] = targets;
    const [first, ...more] = tests.flatMap(testOf);
    return filled({
      id: unless(target?.repository.split('/').at(-1), id),
      ...(targets.length === 1
        ? { name: target?.repository, tags: target?.tags }
        : { targets: targets.map(({ repository, tags }) => ({ name: repository, tags })) }),
      platforms,
      build: filled(writeBuild(image.build)),
      tests: more.length === 0 ? first : [first, ...more],
    });
  });
  return dump(plain({ images: entries }), { lineWidth: -1 });
}
