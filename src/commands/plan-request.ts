import type { ParsedRequest, Request } from '../config/index.js';
import { makePlan, type Planning } from '../plan/index.js';
import type { Ports } from '../ports/index.js';
import { trustedRequest } from './trusted-request.js';

/** The options that say what is planned. */
export const PLAN_OPTIONS = [
  'config',
  'only',
  'platform',
  'set',
  'grant',
  'untrusted',
  'push',
  'registry',
  'replaces',
  'existing',
  'allow-dirty',
  'json',
  'verbose',
];

/** The plan of a request, or every problem of its configuration, and whether it is trusted. */
export async function planRequest(
  asked: ParsedRequest,
  ports: Ports,
): Promise<{ readonly request: Request; readonly planned: Planning }> {
  const { request, config } = await trustedRequest(asked, ports);
  return { request, planned: await makePlan(config, request, ports) };
}
