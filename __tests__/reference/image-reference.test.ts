import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatReference, parseReference, redirectReference } from '../../src/reference/index.js';

const A = `sha256:${'a'.repeat(64)}`;
const B = `sha512:${'b'.repeat(128)}`;

describe('a reference', () => {
  test.each([
    ['busybox', 'docker.io', 'library/busybox', undefined, undefined],
    ['busybox:1.36', 'docker.io', 'library/busybox', '1.36', undefined],
    ['acme/greeter', 'docker.io', 'acme/greeter', undefined, undefined],
    ['docker.io/busybox', 'docker.io', 'library/busybox', undefined, undefined],
    ['index.docker.io/busybox', 'docker.io', 'library/busybox', undefined, undefined],
    ['docker.io/acme/greeter:v1', 'docker.io', 'acme/greeter', 'v1', undefined],
    ['ghcr.io/acme/greeter', 'ghcr.io', 'acme/greeter', undefined, undefined],
    [`ghcr.io/acme/greeter@${A}`, 'ghcr.io', 'acme/greeter', undefined, A],
    [`ghcr.io/acme/greeter:1.2@${A}`, 'ghcr.io', 'acme/greeter', '1.2', A],
    [`ghcr.io/acme/greeter@${B}`, 'ghcr.io', 'acme/greeter', undefined, B],
    ['localhost/greeter', 'localhost', 'greeter', undefined, undefined],
    ['localhost:5000/greeter:x', 'localhost:5000', 'greeter', 'x', undefined],
    ['127.0.0.1:5000/a/b/c', '127.0.0.1:5000', 'a/b/c', undefined, undefined],
    ['[::1]:5000/greeter:x', '[::1]:5000', 'greeter', 'x', undefined],
    ['Registry/greeter', 'Registry', 'greeter', undefined, undefined],
    ['reg.example:443/a__b/c-d/e.f', 'reg.example:443', 'a__b/c-d/e.f', undefined, undefined],
    ['greeter:_tag-1.x', 'docker.io', 'library/greeter', '_tag-1.x', undefined],
    [`ghcr.io/${'a'.repeat(247)}`, 'ghcr.io', 'a'.repeat(247), undefined, undefined],
  ])('%s', (text, registry, repository, tag, digest) => {
    const reference = {
      registry,
      repository,
      ...(tag === undefined ? {} : { tag }),
      ...(digest === undefined ? {} : { digest }),
    };
    expect(parseReference(text)).toEqual({ ok: true, reference });
  });

  test.each([
    ['', 'empty', 'it is empty'],
    [':x', 'bad-name', 'the name of the repository is empty'],
    [`@${A}`, 'bad-name', 'the name of the repository is empty'],
    ['Greeter', 'uppercase', 'lower-case: "greeter"'],
    ['ghcr.io/Acme/greeter', 'uppercase', 'lower-case: "acme/greeter"'],
    ['ghcr.io/', 'bad-name', 'name of the repository is empty'],
    ['ghcr.io/acme//greeter', 'bad-name', '"" cannot be part'],
    ['ghcr.io/acme/.greeter', 'bad-name', '".greeter" cannot be part'],
    ['acme/gree ter', 'bad-name', '"gree ter" cannot be part'],
    ['acme/a___b', 'bad-name', '"a___b" cannot be part'],
    ['-bad.io/greeter', 'bad-registry', '"-bad.io" is not a host'],
    ['ghcr.io:port/greeter', 'bad-registry', '"ghcr.io:port" is not a host'],
    ['ghcr.io:port/greeter:x', 'bad-registry', '"ghcr.io:port" is not a host'],
    ['localhost:port/greeter:x', 'bad-registry', '"localhost:port" is not a host'],
    ['https://ghcr.io/acme/greeter', 'bad-registry', 'leave out https://'],
    ['https://127.0.0.1:5000/greeter:x', 'bad-registry', 'leave out https://'],
    ['oci://ghcr.io/acme/greeter:x', 'bad-registry', 'leave out oci://'],
    ['docker.io/', 'bad-name', 'name of the repository is empty'],
    ['docker.io/:x', 'bad-name', 'name of the repository is empty'],
    [`ghcr.io/${'a'.repeat(248)}`, 'too-long', 'at most 255'],
    ['greeter:', 'bad-tag', '"" is not a tag'],
    ['greeter:.x', 'bad-tag', '".x" is not a tag'],
    ['greeter:feature/login', 'bad-tag', '"feature/login" is not a tag'],
    ['ghcr.io/acme/greeter:feature/login/2', 'bad-tag', '"feature/login/2" is not a tag'],
    ['localhost:5000/greeter:a/b', 'bad-tag', '"a/b" is not a tag'],
    ['acme/greeter:1/b', 'bad-tag', '"1/b" is not a tag'],
    [`greeter:a/b@${A}`, 'bad-tag', '"a/b" is not a tag'],
    ['localhost:port/greeter', 'bad-registry', '"localhost:port" is not a host'],
    [`greeter:${'x'.repeat(129)}`, 'bad-tag', 'at most 128'],
    ['greeter@sha256:abc', 'bad-digest', '"sha256:abc" is not sha256:'],
    [`greeter@sha256:${'A'.repeat(64)}`, 'bad-digest', 'lower-case hex digits'],
    [`greeter@md5:${'a'.repeat(32)}`, 'bad-digest', 'is not sha256:'],
    ['a'.repeat(64), 'image-id', '64 hex digits'],
    [`ghcr.io/${'a'.repeat(250)}`, 'too-long', 'at most 255'],
  ])('%s is refused', (text, code, words) => {
    const problem = { code, message: expect.stringContaining(words) };
    expect(parseReference(text)).toEqual({ ok: false, problem });
  });

  test('is read back from its complete form as it was', () => {
    const part = fc.stringMatching(/^[a-z0-9]{1,8}$/);
    const registry = fc.constantFrom('docker.io', 'ghcr.io', 'localhost:5000', '[::1]:80');
    const tag = fc.option(fc.stringMatching(/^[a-z0-9_][a-z0-9_.-]{0,9}$/), { nil: undefined });
    const digest = fc.constantFrom(undefined, A, B);
    fc.assert(
      fc.property(registry, part, part, tag, digest, (host, a, b, t, d) => {
        const reference = {
          registry: host,
          repository: `${a}/${b}`,
          ...(t === undefined ? {} : { tag: t }),
          ...(d === undefined ? {} : { digest: d }),
        };
        expect(parseReference(formatReference(reference))).toEqual({ ok: true, reference });
      }),
    );
  });

  test('never throws, whatever the text is', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(typeof parseReference(text).ok).toBe('boolean');
      }),
    );
  });
});

describe('a redirected reference', () => {
  const reference = { registry: 'ghcr.io', repository: 'acme/greeter', tag: 'dev' };

  test.each([
    ['127.0.0.1:5000', {}, '127.0.0.1:5000/acme/greeter:dev'],
    ['staging.example/team/', {}, 'staging.example/team/acme/greeter:dev'],
    ['127.0.0.1:5000', { keepHost: true }, '127.0.0.1:5000/ghcr.io/acme/greeter:dev'],
  ])('to %s %j', (registry, options, expected) => {
    expect(formatReference(redirectReference(reference, registry, options))).toBe(expected);
  });

  test('keeps a host with a port as a name that can be parsed', () => {
    const local = { registry: 'localhost:5000', repository: 'x', tag: 'dev' };
    const moved = formatReference(redirectReference(local, '127.0.0.1:1', { keepHost: true }));
    expect(moved).toBe('127.0.0.1:1/localhost-5000/x:dev');
    expect(parseReference(moved).ok).toBe(true);
    const bracketed = { registry: '[::1]', repository: 'x' };
    const six = redirectReference(bracketed, '127.0.0.1:1', { keepHost: true });
    expect(six.repository).toBe('1/x');
  });
});
