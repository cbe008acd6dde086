import type { Credential, Credentials } from './credentials.js';

/** A login that was given to a run, for this run alone. */
export interface Login {
  /** As in a Reference: `ghcr.io`, `docker.io`. */
  readonly registry: string;
  readonly username: string;
  readonly password: string;
}

function credentialOf({ username, password }: Login): Credential {
  return { kind: 'basic', username, password };
}

/** Credentials in which logins given for a run come before what is known otherwise. */
export function withLogins(logins: readonly Login[], others: Credentials): Credentials {
  const given = new Map(logins.map((login) => [login.registry, credentialOf(login)]));
  return async (registry) => given.get(registry) ?? others(registry);
}
