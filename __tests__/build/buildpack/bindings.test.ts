import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { writeBindings } from '../../../src/build/buildpack/bindings.js';
import type { BuildpackPlan } from '../../../src/evidence/index.js';
import { realPorts } from '../../../src/ports/index.js';
import { buildpackOrder } from './order.js';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'sea-trial-bindings-'));
});
afterEach(() => rm(folder, { recursive: true }));

/** The binding `db` of the type `postgresql`, whose entry `uri` is the secret. */
function write(secret: BuildpackPlan['secrets'][number], given: readonly string[] = []) {
  const entries = [{ key: 'uri', secret: secret.id }];
  const bindings = [{ name: 'db', type: 'postgresql', entries }];
  const order = {
    ...buildpackOrder({ bindings, secrets: [secret] }),
    root: folder,
    secretVariables: new Map(given.map((id) => [id, 'SEA_TRIAL_SECRET_0'])),
  };
  const ports = { ...realPorts(), env: { DB_URI: 'from the environment' } };
  const secretEnvironment = { SEA_TRIAL_SECRET_0: 'from the workflow' };
  return writeBindings(order, join(folder, 'bindings'), { ports, secretEnvironment });
}

const entry = (key: string) => join(folder, 'bindings/db', key);

describe('service bindings', () => {
  test.each([
    ['given by value', { id: 'uri' }, ['uri'], 'from the workflow'],
    ['of a variable', { id: 'uri', env: 'DB_URI' }, [], 'from the environment'],
    ['of a file', { id: 'uri', file: 'secret.txt' }, [], 'from the file'],
  ])('hold a secret %s, where buildpacks look for it', async (_, secret, given, value) => {
    await writeFile(join(folder, 'secret.txt'), 'from the file');
    expect(await write(secret, given)).toEqual([`${folder}/bindings/db:/platform/bindings/db:ro`]);
    expect(await readFile(entry('uri'), 'utf8')).toBe(value);
    expect(await readFile(entry('type'), 'utf8')).toBe('postgresql');
    // The build's user is another one.
    expect((await stat(entry('uri'))).mode & 0o777).toBe(0o644);
  });

  test('are an error where a secret has no value', async () => {
    await expect(write({ id: 'uri', env: 'NOT_SET' })).rejects.toThrow(
      'The secret "uri" of the binding "db" has no value.',
    );
  });
});
