import { isIP } from 'node:net';
import { isLoopback } from '../reference/index.js';
import { inRange } from './addresses.js';
import type { EnvironmentVariables } from './child-environment.js';

/** A proxy that cannot be used. The message names the variable, never a password in it. */
export class ProxyError extends Error {
  readonly code = 'ERR_PROXY_SETTING';
}

interface ProxySetting {
  readonly name: string;
  readonly value: string;
}

/** The first variable that is set; names in capitals come first, as in docker. */
function setting(env: EnvironmentVariables, name: string): ProxySetting | undefined {
  for (const one of [name, name.toLowerCase()]) {
    const value = env[one]?.trim() ?? '';
    if (value !== '') return { name: one, value };
  }
  return undefined;
}

function bare(hostname: string): string {
  return hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
}

function matches(pattern: string, host: string, port: string): boolean {
  if (pattern === '*') return true;
  if (pattern.includes('/')) return inRange(host, pattern);
  const [, name = '', wanted] = /(.+?)(?::(\d+))?$/.exec(pattern) ?? [];
  if (isIP(bare(pattern)) !== 0) return host === bare(pattern);
  if (wanted !== undefined && wanted !== port) return false;
  if (isIP(bare(name)) !== 0) return host === bare(name);
  const domain = name.replace(/^\*(?=\.)/, '');
  return domain.startsWith('.')
    ? host.endsWith(domain)
    : host === domain || host.endsWith(`.${domain}`);
}

function isExempt(url: URL, env: EnvironmentVariables): boolean {
  const host = bare(url.hostname);
  if (isLoopback(host)) return true;
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  const exempt = setting(env, 'NO_PROXY')?.value.toLowerCase() ?? '';
  const patterns = exempt.split(/[,\s]+/).filter((one) => one !== '');
  return patterns.some((pattern) => matches(pattern, host, port));
}

/**
 * The proxy for a URL, by the rules that docker's own client follows
 * (golang.org/x/net/http/httpproxy): HTTPS_PROXY or HTTP_PROXY, unless NO_PROXY
 * names the host, a domain above it, its address or a range (`10.0.0.0/8`).
 * This machine itself is never behind a proxy. Throws ProxyError.
 */
export function proxyFor(url: URL, env: EnvironmentVariables): URL | undefined {
  const found = setting(env, url.protocol === 'https:' ? 'HTTPS_PROXY' : 'HTTP_PROXY');
  if (found === undefined || isExempt(url, env)) return undefined;
  const text = found.value.includes('://') ? found.value : `http://${found.value}`;
  const proxy = URL.canParse(text) ? new URL(text) : undefined;
  if (proxy !== undefined && /^https?:$/.test(proxy.protocol)) return proxy;
  const kind = proxy === undefined ? 'no URL' : `a proxy with ${proxy.protocol}//`;
  throw new ProxyError(
    `${found.name} holds ${kind}; a proxy is http://HOST:PORT or https://HOST:PORT`,
  );
}
