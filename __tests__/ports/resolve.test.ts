import { expect, test } from '@jest/globals';
import { createResolve } from '../../src/ports/resolve.js';

test.each<[string, Record<string, string>, boolean]>([
  ['https://localhost:5000/v2/', {}, true],
  ['https://127.0.0.1/v2/', {}, false],
  ['https://[::1]:5000/v2/', {}, false],
  ['https://no-such-name.invalid/', {}, false],
  ['https://ip6-localhost/', { HTTPS_PROXY: 'http://127.0.0.1:1' }, false],
  ['https://ip6-localhost/', { HTTPS_PROXY: 'socks5://127.0.0.1:1' }, false],
])('%s with %j has addresses: %s', async (url, env, expected) => {
  const found = await createResolve(env)(new URL(url));
  expect(found.length > 0).toBe(expected);
  for (const address of found) expect(address).toMatch(/^(127\.|::1$)/);
});
