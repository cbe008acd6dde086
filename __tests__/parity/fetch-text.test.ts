import { Readable } from 'node:stream';
import { describe, expect, test } from '@jest/globals';
import { fetchText } from '../../src/parity/fetch-text.js';
import type { Http, HttpRequest } from '../../src/ports/index.js';

type Answer = { readonly status: number; readonly location?: string; readonly body?: string };

/** Answers by address; keeps what was asked. */
function web(answers: Readonly<Record<string, Answer | Error>>) {
  const asked: HttpRequest[] = [];
  const http: Http = async (request) => {
    asked.push(request);
    const answer = answers[request.url];
    if (answer === undefined || answer instanceof Error) throw answer ?? new Error('unexpected');
    const { status, location, body = '' } = answer;
    const headers = new Map(location === undefined ? [] : [['location', location] as const]);
    return { status, headers, body: Readable.from([Buffer.from(body)]) };
  };
  return { http, asked };
}

const A = 'https://a.example/values.yaml';

describe('a text at an address', () => {
  test('is read, without a look at what leads to a metadata service', async () => {
    const { http, asked } = web({ [A]: { status: 200, body: 'builder: x' } });
    expect(await fetchText(A, http)).toEqual({ text: 'builder: x' });
    expect(asked).toMatchObject([{ method: 'GET', blockMetadata: true }]);
    expect(asked[0]?.unverified).toBeUndefined();
  });

  test('is read where redirects lead', async () => {
    const { http } = web({
      [A]: { status: 302, location: '/other' },
      'https://a.example/other': { status: 301, location: 'https://b.example/x' },
      'https://b.example/x': { status: 200, body: 'x' },
    });
    expect(await fetchText(A, http)).toEqual({ text: 'x' });
  });

  test.each<[string, Readonly<Record<string, Answer | Error>>, string]>([
    ['is not there', { [A]: { status: 404 } }, 'its server answers 404'],
    [
      'leads to plain HTTP',
      { [A]: { status: 302, location: 'http://a.example/' } },
      'it leads to an address that does not begin with https://',
    ],
    ['leads nowhere', { [A]: { status: 302 } }, 'it is redirected more than 5 times'],
    [
      'leads to itself',
      { [A]: { status: 302, location: A } },
      'it is redirected more than 5 times',
    ],
    [
      'is too large',
      { [A]: { status: 200, body: 'x'.repeat(1024 * 1024 + 1) } },
      'it is larger than 1048576 bytes',
    ],
    [
      'does not answer',
      { [A]: Object.assign(new Error('x'), { code: 'ECONNREFUSED' }) },
      'its server cannot be reached (ECONNREFUSED)',
    ],
  ])('that %s has a fault', async (_, answers, fault) => {
    expect(await fetchText(A, web(answers).http)).toEqual({ fault });
  });

  test('is not waited for after an interruption', async () => {
    const stop = new AbortController();
    stop.abort(new Error('interrupted'));
    const { http } = web({ [A]: new Error('aborted') });
    await expect(fetchText(A, http, stop.signal)).rejects.toThrow('interrupted');
  });
});
