import { resolve } from 'node:path';
import { passwordsOf, type Request } from '../config/index.js';
import type { Plan, Redactor } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import type { Credential, Credentials } from '../registry/index.js';

type Learn = Redactor['learn'];

/** The most that BuildKit takes as a secret, in bytes (session/secrets, MaxSecretSize). */
const LARGEST = 500 * 1024;

async function learnFile(path: string, { files }: Ports, learn: Learn): Promise<void> {
  const facts = await files.look(path).catch(() => undefined);
  if (facts === undefined || facts.size > LARGEST) return;
  // The build reports one that cannot be read.
  const content = await files.read(path).catch(() => undefined);
  if (content !== undefined) learn(content.toString('utf8'));
}

/** Learns every secret that a run is given: those of its builds by value, variable and file, and tokens. */
export async function learnSecrets(
  { images }: Plan,
  { root, secretValues, logins, token, buildx }: Request,
  ports: Ports,
  learn: Learn,
): Promise<void> {
  for (const value of secretValues.values()) learn(value);
  for (const { password } of logins ?? []) learn(password);
  if (token !== undefined) learn(token);
  for (const password of passwordsOf(buildx?.mirror ?? '') ?? []) learn(password);
  const secrets = images
    .flatMap(({ build }) => build.secrets)
    .filter(({ id }) => !secretValues.has(id));
  for (const name of secrets.flatMap(({ env }) => env ?? [])) learn(ports.env[name] ?? '');
  const paths = secrets.flatMap(({ id, env, file = id }) => (env === undefined ? [file] : []));
  await Promise.all(paths.map((path) => learnFile(resolve(root, path), ports, learn)));
}

function learnCredential(credential: Credential, learn: Learn): void {
  if (credential.kind === 'basic') {
    const { username, password } = credential;
    learn(password);
    // As in config.json and in a header.
    learn(Buffer.from(`${username}:${password}`).toString('base64'));
  } else if (credential.kind !== 'anonymous') learn(credential.token);
}

/** Credentials that are learned as secrets when they are found. */
export function learningCredentials(credentials: Credentials, learn: Learn): Credentials {
  return async (registry) => {
    const found = await credentials(registry);
    learnCredential(found, learn);
    return found;
  };
}
