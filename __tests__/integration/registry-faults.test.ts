import { describe, expect, test } from '@jest/globals';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { asks, type Fault, faulty } from './faulty.js';
import {
  busybox,
  errorsOf,
  imageProject,
  PASSES,
  repeated,
  sentences,
  withTmp,
} from './image-project.js';
import { distribution, leftovers, runIn, tagsAt } from './rig.js';

/** Answers what matches with a status, and passes the rest on. */
function answering(pattern: RegExp, status: number, headers = {}): Fault {
  return (request, response, forward) => {
    if (!pattern.test(asks(request))) return forward();
    request.resume();
    const code = status === 401 ? 'UNAUTHORIZED' : 'UNKNOWN';
    const errors = JSON.stringify({ errors: [{ code, message: `says ${status}` }] });
    response.writeHead(status, headers).end(errors);
  };
}

/** An image's configuration in place of what the registry has: as long, and not the same. */
function otherBytes(pattern: RegExp, upstream: string): Fault {
  return async (request, response, forward) => {
    if (!pattern.test(asks(request))) return forward();
    const answer = await fetch(`http://${upstream}${request.url}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    const isConfig = bytes.includes('"rootfs"') && !bytes.includes('"architecture":"unknown"');
    if (isConfig) bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
    response.writeHead(200, { 'content-length': bytes.length }).end(bytes);
  };
}

/** Sends the head and a half of the body. */
function cutOff(pattern: RegExp, upstream: string): Fault {
  return async (request, response, forward) => {
    if (!pattern.test(asks(request))) return forward();
    const answer = await fetch(`http://${upstream}${request.url}`);
    const bytes = Buffer.from(await answer.arrayBuffer());
    response.writeHead(200, { 'content-length': bytes.length });
    response.write(bytes.subarray(0, bytes.length / 2), () => response.destroy());
  };
}

/** Answers the first requests that match as if there were nothing, which it took. */
function forgetting(pattern: RegExp, times: number, code: string): Fault {
  let left = times;
  return (request, response, forward) => {
    if (left === 0 || !pattern.test(asks(request))) return forward();
    left--;
    request.resume();
    response.writeHead(404).end(JSON.stringify({ errors: [{ code, message: 'not known' }] }));
  };
}

const UPLOADS = /^POST .*\/uploads\/|^(PUT|PATCH) .*\/uploads\//;
const BLOBS = /^GET .*\/blobs\/sha256:/;

interface RegistryCase {
  readonly fault: (upstream: string) => Fault;
  readonly exit: number;
  readonly codes: readonly string[];
  readonly says: string;
  /** Where it is not publishing. */
  readonly stage?: FaultRow['stage'];
  readonly tags: readonly string[];
}

const refusing = (fault: Fault, says: string, code = 'registry-failed'): RegistryCase => ({
  fault: () => fault,
  exit: 3,
  codes: [code],
  says,
  tags: [],
});

const REGISTRIES: Readonly<Record<string, RegistryCase>> = {
  '401': refusing(
    answering(/./, 401, { 'www-authenticate': 'Basic realm="x"' }),
    'requires a login for uploading to 401/acme/ship',
    'not-authorized',
  ),
  '403': refusing(answering(UPLOADS, 403), 'refuses uploading to 403/acme/ship', 'not-authorized'),
  '404': refusing(
    answering(UPLOADS, 404),
    'does not have what was requested while uploading to 404/acme/ship (404, UNKNOWN: says 404). Create the repository in the registry, or correct the name.',
  ),
  '429': refusing(answering(/./, 429, { 'retry-after': '2' }), 'limits the rate of requests'),
  '500': refusing(answering(/^PUT .*\/manifests\//, 500), 'run again later'),
  'cuts uploads off': refusing((request, response, forward) => {
    if (UPLOADS.test(asks(request))) response.destroy();
    else forward();
  }, 'cut the connection'),
  'is slow': {
    fault: () => (_, __, forward) => void setTimeout(forward, 300),
    exit: 0,
    codes: [],
    says: 'What was tested is what the registry serves',
    tags: ['dev'],
  },
  'forgets a blob': {
    fault: () => forgetting(/^PUT .*\/manifests\/sha256:/, 1, 'MANIFEST_BLOB_UNKNOWN'),
    exit: 0,
    codes: [],
    says: 'What was tested is what the registry serves',
    tags: ['dev'],
  },
  'shows a tag late': {
    fault: () => forgetting(/^GET .*\/manifests\/dev$/, 2, 'MANIFEST_UNKNOWN'),
    exit: 0,
    codes: [],
    says: 'What was tested is what the registry serves',
    tags: ['dev'],
  },
  'serves other bytes': {
    fault: (upstream) => otherBytes(BLOBS, upstream),
    exit: 1,
    codes: ['digest-mismatch'],
    says: 'is not verified',
    stage: 'verify',
    tags: ['dev'],
  },
  'cuts blobs off': {
    fault: (upstream) => cutOff(BLOBS, upstream),
    exit: 3,
    codes: ['registry-failed'],
    says: 'is not verified',
    stage: 'verify',
    tags: ['dev'],
  },
};

describe('a registry that does not do its part', () => {
  test('is named with what it said, and gets no tag that is not proved to be tested', async () => {
    const upstream = await distribution();
    const runOnce = async (name: string, host: string) => {
      const folder = await imageProject(busybox(), PASSES, 'linux/amd64');
      const { env, left } = await withTmp();
      const prefix = name.replaceAll(' ', '-');
      const args = ['--push', '--registry', `${host}/${prefix}`];
      const run = await runIn(folder, args, { env });
      return {
        run,
        exit: run.code,
        codes: errorsOf(run).map(({ code }) => code),
        repeated: repeated(run),
        tags: await tagsAt(upstream, `${prefix}/acme/ship`),
        left: [...(await left()), ...(await leftovers(run.evidence))],
      };
    };
    const seen = await Promise.all([
      runOnce('down', '127.0.0.1:1'),
      ...Object.entries(REGISTRIES).map(async ([name, { fault }]) =>
        runOnce(name, await faulty(upstream, fault(upstream))),
      ),
    ]);
    const expected = [refusing(() => {}, 'cannot be reached'), ...Object.values(REGISTRIES)];
    const names = ['down', ...Object.keys(REGISTRIES)];
    expect(seen.map(({ run, ...rest }, i) => ({ name: names[i], ...rest }))).toEqual(
      expected.map(({ exit, codes, tags }, i) => ({
        name: names[i],
        exit,
        codes,
        repeated: [],
        tags,
        left: [],
      })),
    );
    const unsaid = seen.flatMap(({ run }, i) => {
      const said = sentences(run.stdout);
      return said.includes(expected[i]?.says ?? '') ? [] : [`${names[i]}: ${said}`];
    });
    expect(unsaid).toEqual([]);
    for (const late of ['forgets a blob', 'shows a tag late']) {
      const { stderr = '' } = seen[names.indexOf(late)]?.run ?? {};
      expect(stderr.match(/waiting up to 60 s until \S+ serves what was pushed/g)).toHaveLength(1);
    }
    expect(seen[names.indexOf('429')]?.run.stderr).toMatch(/waiting 2 s, as 127\.0\.0\.1:\d+ asks/);
    noteFaults(
      seen.map(({ run, exit, left, tags }, i) => ({
        fault: `a registry: ${names[i]}`,
        stage: expected[i]?.stage ?? 'publish',
        exit,
        message: messageOf(run),
        left: [...left, ...tags.map((tag) => `the tag ${tag}`)],
      })),
    );
  }, 180_000);
});

/** Says of a tag, as soon as there is one, that it is another. */
function otherHead(): Fault {
  let isTagged = false;
  return (request, response, forward) => {
    const asked = asks(request);
    isTagged ||= /^PUT .*\/manifests\/dev$/.test(asked);
    if (!isTagged || !/^HEAD .*\/manifests\/dev$/.test(asked)) return forward();
    response.writeHead(200, { 'docker-content-digest': `sha256:${'0'.repeat(64)}` }).end();
  };
}

/** Has lost the statements of attestations. */
function withoutStatements(upstream: string): Fault {
  return async (request, response, forward) => {
    if (!BLOBS.test(asks(request))) return forward();
    const answer = await fetch(`http://${upstream}${request.url}`);
    if (!(await answer.text()).includes('https://in-toto.io/Statement')) return forward();
    response.writeHead(404).end();
  };
}

describe('a registry that keeps the image and does not give it to everybody', () => {
  test.each<[string, (upstream: string) => Fault, string]>([
    ['lies to a HEAD', otherHead, 'has another digest in a HEAD'],
    ['drops attestations', withoutStatements, 'of the attestation of linux/amd64, sha256:'],
  ])('%s: it is told, and nothing is called proved', async (_name, fault, says) => {
    const upstream = await distribution();
    const host = await faulty(upstream, fault(upstream));
    const folder = await imageProject(busybox(), PASSES, 'linux/amd64');
    const run = await runIn(folder, ['--push', '--registry', host]);
    expect([run.code, new Set(errorsOf(run).map(({ code }) => code))]).toEqual([
      1,
      new Set(['served-other']),
    ]);
    const said = sentences(run.stdout);
    expect(said).toContain(says);
    expect(said).toContain('published, not verified');
    expect(said).toContain('is not verified');
    expect(repeated(run)).toEqual([]);
    expect(said).not.toMatch(/and verified|What was tested is|--only/);
  });
});
