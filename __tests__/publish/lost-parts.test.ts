import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import type { Http, HttpResponse } from '../../src/ports/index.js';
import { publish } from '../../src/publish/index.js';
import { blobs, makeImage } from '../registry/images.js';
import { clientFor, embedded, errorBody, fakeClock, http } from '../registry/rig.js';
import { changes, job, tagsIn, to } from './rig.js';

/** An answer of the test's own. */
function answer(status: number, code?: string): HttpResponse {
  const body = Readable.from(code === undefined ? [] : [Buffer.from(errorBody(code))]);
  return { status, headers: new Map(), body };
}

const total = (pauses: readonly number[]) => pauses.reduce((sum, pause) => sum + pause, 0);

describe('a registry that took all parts and says at the manifest that it does not know one', () => {
  /**
   * Answers the first `times` of PUTs that match with a code; `part`, if given, is not there
   * for a HEAD behind that, until it was sent again.
   */
  function losing(
    pattern: RegExp,
    [status, code]: readonly [number, string],
    times: number,
    part?: string,
  ) {
    let refused = 0;
    let lost = false;
    const port: Http = async (request) => {
      const asked = `${request.method} ${decodeURIComponent(request.url)}`;
      if (request.method === 'PUT' && pattern.test(request.url) && refused < times) {
        refused++;
        lost = true;
        return answer(status, code);
      }
      if (part === undefined || !lost || !asked.includes(part)) return http(request);
      if (request.method === 'HEAD') return answer(404);
      if (request.method === 'PUT') lost = false;
      return http(request);
    };
    return { port, refused: () => refused };
  }

  async function sent(
    what: 'a manifest' | 'the index' | 'a tag',
    said: readonly [number, string],
    times: number,
    lost: boolean,
  ) {
    const registry = await embedded();
    const store = blobs();
    const made = makeImage(store, 'greeter', ['linux/amd64']);
    const [platform] = made.platforms;
    const manifest = platform?.manifest.digest ?? '';
    const at = {
      'a manifest': manifest,
      'the index': made.index.descriptor.digest,
      'a tag': 'dev',
    };
    const part = what === 'a manifest' ? platform?.layers[1]?.digest : manifest;
    const where = new RegExp(`/manifests/${at[what]}$`);
    const { port, refused } = losing(where, said, times, lost ? part : undefined);
    const clock = fakeClock();
    const client = clientFor({ http: port, clock });
    const image = to(made, [`${registry.host}/acme/greeter`, 'dev']);
    const outcome = await publish(job(store, [image], { client }));
    const again = changes(registry).filter((line) => line.endsWith(part ?? '')).length;
    const tags = await tagsIn(clientFor(), registry.host, 'acme/greeter');
    return { ...outcome, tags, again, refused: refused(), slept: clock.slept, part, made };
  }

  test.each([
    ['a manifest', 404, 'BLOB_UNKNOWN'],
    ['a manifest', 404, 'MANIFEST_BLOB_UNKNOWN'],
    ['a manifest', 400, 'MANIFEST_BLOB_UNKNOWN'],
    ['the index', 404, 'MANIFEST_UNKNOWN'],
    ['the index', 400, 'MANIFEST_BLOB_UNKNOWN'],
    ['a tag', 404, 'MANIFEST_UNKNOWN'],
  ] as const)('%s, with %d %s: it is sent again where it is lost', async (what, status, code) => {
    const lost = await sent(what, [status, code], 2, true);
    expect([lost.findings, lost.again, lost.refused]).toEqual([[], 3, 2]);
    expect(lost.slept).toEqual([500, 1000]);
    expect(lost.tags).toEqual({ dev: lost.made.index.descriptor.digest });

    const kept = await sent(what, [status, code], 3, false);
    expect([kept.findings, kept.again, kept.refused]).toEqual([[], 1, 3]);
    expect(kept.slept).toEqual([500, 1000, 2000]);
    expect(Object.keys(kept.tags)).toEqual(['dev']);
  });

  test.each([
    ['a manifest', true, (part: string) => `accepted the blob ${part} and lost it`],
    ['the index', true, (part: string) => `accepted the manifest ${part} and lost it`],
    [
      'a manifest',
      false,
      (_: string, manifest: string) =>
        `refuses ${manifest} because a part of it is unknown there, and reports every part as present`,
    ],
    [
      'the index',
      false,
      (_: string, __: string, index: string) =>
        `refuses ${index} because a part of it is unknown there, and reports every part as present`,
    ],
  ] as const)('%s, and does not find it in a minute: that is told', async (what, lost, words) => {
    const found = await sent(what, [404, 'MANIFEST_BLOB_UNKNOWN'], 1000, lost);
    expect(total(found.slept)).toBe(60_000);
    expect(found.findings).toMatchObject([{ code: 'registry-failed', severity: 'error' }]);
    expect(found.findings[0]?.message).toContain(
      words(
        found.part ?? '',
        found.made.platforms[0]?.manifest.digest ?? '',
        found.made.index.descriptor.digest,
      ),
    );
    expect(found.findings[0]?.message).toContain('(404, MANIFEST_BLOB_UNKNOWN)');
    expect(found.tags).toEqual({});
  });

  test('any other refusal is told at once', async () => {
    const found = await sent('a manifest', [400, 'MANIFEST_INVALID'], 1000, false);
    expect([found.refused, found.slept]).toEqual([1, []]);
  });
});
