import type { Clock, Http, Resolve } from '../ports/index.js';
import type { Credentials } from './credentials.js';
import { type CutRequests, createCutRequests } from './cut-requests.js';
import { createLagClock, type LagClock } from './lag-clock.js';
import { openRepository, type Repository } from './repository.js';
import { createTransport, type Transport } from './transport.js';

/** Opens the repositories of any registry. */
export interface RegistryClient {
  /** `registry` as in a Reference (`docker.io`, `127.0.0.1:5000`), `repository` its path. */
  repository(registry: string, repository: string): Repository;
  /** For what these registries took and do not show yet. */
  readonly lag: LagClock;
  /** What was waited for when requests were stopped. */
  readonly cuts: CutRequests;
}

/** What a client works with. */
export interface ClientSetup {
  readonly http: Http;
  /** Without it, names count by their form alone. */
  readonly resolve?: Resolve;
  readonly clock: Clock;
  readonly credentials: Credentials;
  /** Whether a registry that cannot be reached by verified TLS may be spoken to without. */
  readonly insecure?: (registry: string) => Promise<boolean>;
  /** Called with each pause, in milliseconds, that a registry (`host`) asked for. */
  readonly waits?: (registry: string, pause: number) => void;
  /** Called where a registry did not answer in time, with what happened, before each further try. */
  readonly silences?: (what: string, attempt: number, of: number) => void;
  /** Called with each pause, in milliseconds, until a registry shows what it accepted. */
  readonly lags?: (registry: string, pause: number) => void;
  /** For the jitter of pauses. */
  readonly random?: () => number;
}

/**
 * A client of registries (OCI distribution-spec 1.1). Tokens are kept per
 * registry for its life; nothing else is remembered.
 */
export function createRegistryClient(setup: ClientSetup): RegistryClient {
  const transports = new Map<string, Transport>();
  const lag = createLagClock(setup.clock, setup.lags);
  const cuts = createCutRequests(setup.clock);
  const transportTo = (registry: string) => {
    const { random = Math.random, resolve = async () => [], insecure = async () => false } = setup;
    const known =
      transports.get(registry) ??
      createTransport({ ...setup, random, resolve, insecure, lag, cuts }, registry);
    transports.set(registry, known);
    return known;
  };
  return {
    repository: (registry, repository) => openRepository(transportTo(registry), repository),
    lag,
    cuts,
  };
}
