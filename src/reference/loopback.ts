/**
 * Whether a URL's hostname is this machine's own by its written form: `localhost`
 * and every name below it (RFC 6761, 6.3), 127.0.0.0/8, and `[::1]`, with brackets or
 * without; also 127.0.0.0/8 as IPv6 writes it.
 */
export function isLoopback(hostname: string): boolean {
  const host = hostname
    .toLowerCase()
    .replace(/^\[|\]$/g, '')
    .replace(/\.$/, '');
  return (
    /^(.+\.)?localhost$/.test(host) ||
    /^127(\.\d{1,3}){3}$/.test(host) ||
    host === '::1' ||
    /^::ffff:7f[0-9a-f]{2}:[0-9a-f]{1,4}$/.test(host)
  );
}

/** Whether a registry is written as one on this machine, with or without a port. */
export function onLoopback(registry: string): boolean {
  return URL.canParse(`http://${registry}`) && isLoopback(new URL(`http://${registry}`).hostname);
}
