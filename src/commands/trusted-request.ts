import {
  type Config,
  decideTrust,
  factsNeeded,
  loadConfig,
  type ParsedRequest,
  type Request,
  statedTrust,
  type Trust,
} from '../config/index.js';
import { checkoutOf, outsideOf } from '../plan/index.js';
import type { Ports } from '../ports/index.js';

interface Decided {
  readonly request: Request;
  readonly config: Promise<Config>;
}

/** The event as GitHub's API describes it; undefined where it cannot be read. */
async function payloadOf({ env, files, payload }: Ports): Promise<unknown> {
  if (payload !== undefined) return payload();
  try {
    return JSON.parse((await files.read(env.GITHUB_EVENT_PATH ?? '')).toString('utf8'));
  } catch {
    return undefined;
  }
}

/** Contexts are known when the configuration is read, by what holds if they are all in the checkout. */
async function fromCheckout(asked: ParsedRequest, ports: Ports): Promise<Decided | Trust> {
  const { env } = ports;
  const checkout = await checkoutOf(asked, ports);
  if (checkout === undefined) return decideTrust({ env });
  const before = decideTrust({ env, checkout: checkout.facts });
  if (before.untrusted) return before;
  const config = await loadConfig({ ...asked, trust: before }, ports);
  const outside = await outsideOf(checkout, config, asked, ports);
  const trust = decideTrust({ env, checkout: { ...checkout.facts, outside } });
  if (trust.untrusted) return trust;
  return { request: { ...asked, trust }, config: Promise.resolve(config) };
}

async function automatic(asked: ParsedRequest, ports: Ports): Promise<Decided | Trust> {
  const { env } = ports;
  const needed = factsNeeded(env);
  if (needed.checkout) return fromCheckout(asked, ports);
  return decideTrust(needed.payload ? { env, payload: await payloadOf(ports) } : { env });
}

/** Decides whether a run is trusted, before its configuration is read by the rules that follow. */
export async function trustedRequest(asked: ParsedRequest, ports: Ports): Promise<Decided> {
  const { untrusted, from } = asked;
  const by = from === 'inputs' ? 'the input "untrusted"' : '--untrusted';
  const found =
    untrusted === 'auto'
      ? await automatic(asked, ports)
      : statedTrust(untrusted, by, { env: ports.env });
  if ('request' in found) return found;
  const request = { ...asked, trust: found };
  return { request, config: loadConfig(request, ports) };
}
