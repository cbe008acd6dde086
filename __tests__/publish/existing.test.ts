import { describe, expect, test } from '@jest/globals';
import type { Http } from '../../src/ports/index.js';
import { publish } from '../../src/publish/index.js';
import { type Blobs, blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded, http, type Watched } from '../registry/rig.js';
import { changes, job, tagsIn, to } from './rig.js';

const made = (store: Blobs, name: string, build: string) =>
  makeImage(store, name, ['linux/amd64'], build);

/** A registry that serves `there` under the tag a, and an image that is to be a and b. */
async function meeting(there: string, build: string) {
  const registry = await embedded();
  const store = blobs();
  const repository = `${registry.host}/acme/greeter`;
  const first = made(store, there, 'one');
  await publish(job(store, [to(first, [repository, 'a'])]));
  return { registry, store, repository, first, ours: made(store, 'greeter', build) };
}

type Met = Awaited<ReturnType<typeof meeting>>;

function sent({ store, repository, ours }: Met, existing: 'same' | 'fail', more = {}) {
  const targets = [{ repository, tags: ['b', 'a'], existing }];
  return publish(job(store, [{ ...ours, targets }], { embedded: false, ...more }));
}

const tagsOf = ({ registry }: { readonly registry: Watched }) =>
  tagsIn(clientFor(), registry.host, 'acme/greeter');

describe('existing', () => {
  test.each([
    ['fail', 'greeter', 'exists already'],
    ['same', 'other', 'serves something other than what was tested'],
  ] as const)(
    '%s: nothing is sent where a tag serves what it must not',
    async (existing, there, words) => {
      const met = await meeting(there, 'two');
      const start = met.registry.requests().length;
      const { findings, publications } = await sent(met, existing);
      expect(findings).toMatchObject([
        {
          code: 'tag-exists',
          subject: { image: 'greeter', tag: 'a' },
          message: expect.stringContaining(words),
        },
      ]);
      expect(publications).toMatchObject([
        { targets: [], notPublished: `${met.repository}:a exists already` },
      ]);
      expect(changes(met.registry, start)).toEqual([]);
      const methods = met.registry
        .requests()
        .slice(start)
        .map(({ method }) => method);
      expect(new Set(methods)).toEqual(new Set(['HEAD', 'GET']));
    },
  );

  test.each(['same', 'fail'] as const)(
    '%s: a write that failed and is tried again meets only what others have written',
    async (existing) => {
      const met = await meeting('other', 'two');
      const { repository, first, store } = met;
      const outcome = async (tag: string, between: () => Promise<unknown>) => {
        let failed = false;
        const port: Http = async (request) => {
          const isTag = request.method === 'PUT' && request.url.endsWith(`/manifests/${tag}`);
          if (failed || !isTag) return http(request);
          failed = true;
          return { ...(await http(request).finally(between)), status: 500 };
        };
        const targets = [{ repository, tags: [tag], existing }];
        const { findings } = await publish(job(store, [{ ...met.ours, targets }], { http: port }));
        return findings.map(({ code }) => code);
      };
      expect(await outcome('c', async () => {})).toEqual([]);
      const others = () => publish(job(store, [to(first, [repository, 'd'])]));
      expect(await outcome('d', others)).toEqual(['tag-exists']);
      const { c, d } = await tagsOf(met);
      expect([c, d]).toEqual([met.ours.index.descriptor.digest, first.index.descriptor.digest]);
    },
  );

  test('another image of the run is not called one that could not be uploaded', async () => {
    const met = await meeting('other', 'two');
    const { repository, store, ours } = met;
    const other = to({ ...made(store, 'more', 'one'), image: 'more' }, [repository, 'c']);
    const targets = [{ repository, tags: ['a'], existing: 'fail' }] as const;
    const { publications } = await publish(job(store, [{ ...ours, targets }, other]));
    expect(publications.map(({ notPublished }) => notPublished)).toEqual([
      `${repository}:a exists already`,
      'another image or target cannot be published',
    ]);
  });

  test('what is asked for another image of the run is asked no longer', async () => {
    const met = await meeting('other', 'two');
    const { repository, store, ours } = met;
    const signals: AbortSignal[] = [];
    const port: Http = (request) => {
      const isOthers = request.url.endsWith('/manifests/c');
      if (isOthers && request.signal !== undefined) signals.push(request.signal);
      return http(request);
    };
    const other = to({ ...made(store, 'more', 'one'), image: 'more' }, [repository, 'c']);
    const targets = [{ repository, tags: ['a'], existing: 'fail' }] as const;
    await publish(job(store, [{ ...ours, targets }, other], { http: port }));
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test.each(['replace', undefined] as const)(
    '%s: a tag that may be replaced is not read once more before it is written',
    async (existing) => {
      const met = await meeting('other', 'two');
      const { repository, store, ours, registry } = met;
      const start = registry.requests().length;
      const targets = [{ repository, tags: ['a'], existing }];
      expect((await publish(job(store, [{ ...ours, targets }]))).findings).toEqual([]);
      const asked = registry
        .requests()
        .slice(start)
        .filter(({ url }) => url.endsWith('/manifests/a'));
      expect(asked.map(({ method }) => method)).toEqual(['HEAD', 'GET', 'PUT']);
    },
  );

  test('a tag is read again only as long as the run goes on', async () => {
    const met = await meeting('other', 'two');
    const stop = new AbortController();
    const signals: AbortSignal[] = [];
    let isWritten = false;
    const port: Http = async (request) => {
      const { method, url, signal } = request;
      isWritten ||= method === 'PUT' && /\/manifests\/sha256:/.test(url);
      if (isWritten && method === 'GET' && url.endsWith('/manifests/b')) {
        if (signal !== undefined) signals.push(signal);
      }
      return http(request);
    };
    const { repository, store, ours } = met;
    const targets = [{ repository, tags: ['b'], existing: 'fail' }] as const;
    const more = { http: port, signal: stop.signal };
    expect((await publish(job(store, [{ ...ours, targets }], more))).findings).toEqual([]);
    expect(signals.map(({ aborted }) => aborted)).toEqual([false]);
    stop.abort();
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
  });

  test('as a warning it is replaced all the same', async () => {
    const met = await meeting('other', 'two');
    const { findings } = await sent(met, 'same', { severities: { 'tag-exists': 'warning' } });
    expect(findings.map(({ code }) => code)).toEqual(['tag-exists']);
    expect((await tagsOf(met)).a).toBe(met.ours.index.descriptor.digest);
  });

  test('same: the same platforms may be written again, with attestations of their own', async () => {
    const met = await meeting('greeter', 'two');
    expect((await sent(met, 'same')).findings).toEqual([]);
    const { digest } = met.ours.index.descriptor;
    expect(await tagsOf(met)).toEqual({ a: digest, b: digest });
  });

  test.each(['fail', 'same'] as const)(
    '%s: a tag that comes to be there meanwhile is not replaced',
    async (existing) => {
      const met = await meeting('other', 'two');
      const { repository, first } = met;
      let isThere = false;
      /** Somebody else writes the tag b when ours is about to be written. */
      const racing: Http = async (request) => {
        if (!isThere && request.method === 'PUT' && /\/manifests\/sha256:/.test(request.url)) {
          isThere = true;
          await publish(job(met.store, [to(first, [repository, 'b'])]));
        }
        return http(request);
      };
      const targets = [{ repository, tags: ['b'], existing }];
      const { findings } = await publish(
        job(met.store, [{ ...met.ours, targets }], { http: racing, embedded: false }),
      );
      expect(findings.map(({ code, subject }) => [code, subject.tag])).toEqual([
        ['tag-exists', 'b'],
      ]);
      expect((await tagsOf(met)).b).toBe(first.index.descriptor.digest);
    },
  );
});
