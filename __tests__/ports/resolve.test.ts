import { expect, test } from '@jest/globals';
import { createResolve } from '../../src/ports/resolve.js';

test.each<[string, Record<string, string>, boolean]>([
  ['https://localhost:5000/v2/', {}, true],
  ['https://127.0.0.1/v2/', {}, false],
  ['https://[::1]:5000/v2/', {}, false],
  ['https://no-such-name.invalid/', {}, false],
])('%s with %j has addresses: %s', async (url, env, expected) => {
  const found = await createResolve(env)(new URL(url));
  expect(found.length > 0).toBe(expected);
  for (const address of found) expect(address).toMatch(/^(127\.|::1$)/);
});

test.each<[string, Record<string, string>, readonly string[]]>([
  ['https://reg.example:5000/v2/', {}, ['10.1.2.3', 'fd00::1']],
  ['https://gone.example/', {}, []],
  ['https://[fd00::2]/', {}, []],
  ['https://reg.example/', { HTTP_PROXY: 'http://p:1' }, ['10.1.2.3', 'fd00::1']],
  // The proxy looks names up itself.
  ['https://reg.example/', { HTTPS_PROXY: 'http://p:1' }, []],
  // The request itself fails with a setting that cannot be used.
  ['https://reg.example/', { HTTPS_PROXY: 'socks5://p:1' }, []],
])('%s with %j is looked up as %j', async (url, env, expected) => {
  const resolve = createResolve(env, async (name) => {
    if (name !== 'reg.example') throw new Error('ENOTFOUND');
    return [{ address: '10.1.2.3' }, { address: 'fd00::1' }];
  });
  expect(await resolve(new URL(url))).toEqual(expected);
});
