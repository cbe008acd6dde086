import { describe, expect, test } from '@jest/globals';
import type { RegistryErrorFacts } from '../../src/registry/errors.js';
import {
  explain,
  namesRule,
  RegistryError,
  reasonOf,
  registryFailed,
} from '../../src/registry/index.js';

const digest = `sha256:${'4281b3c9'.repeat(8)}`;
const api = 'https://ghcr.io/v2/acme/greeter';

const said = (facts: Partial<RegistryErrorFacts>) =>
  explain(new RegistryError({ code: 'server', request: `GET ${api}/manifests/dev`, ...facts }));

describe('what is said of a registry', () => {
  test.each<[Partial<RegistryErrorFacts>, string]>([
    [
      { code: 'unauthorized', status: 401, login: false, request: `POST ${api}/blobs/uploads/` },
      'ghcr.io requires a login for uploading to acme/greeter (401), and there is none; log in to it before this step.',
    ],
    [
      {
        code: 'unauthorized',
        status: 401,
        login: true,
        oci: [{ code: 'UNAUTHORIZED', message: '' }],
      },
      'ghcr.io does not accept the login for reading the tag dev of acme/greeter (401, UNAUTHORIZED); log in again: the password or token is wrong, has expired, or lacks a permission.',
    ],
    [
      {
        code: 'denied',
        status: 403,
        login: true,
        request: `POST ${api}/blobs/uploads/`,
        oci: [{ code: 'DENIED', message: 'permission_denied: write_package' }],
      },
      'ghcr.io refuses uploading to acme/greeter (403, DENIED: permission_denied: write_package); give this login the permission, or check the name of the repository.',
    ],
    ...[true, false].map((login): [Partial<RegistryErrorFacts>, string] => [
      {
        code: 'denied',
        status: 403,
        login,
        request: `PUT ${api}/manifests/latest`,
        oci: [{ code: 'DENIED', message: 'tag latest is immutable' }],
      },
      'ghcr.io refuses writing the tag latest of acme/greeter (403, DENIED: tag latest is immutable); it accepted the content, so only the tag is refused: get permission to write it, or use another tag if it is immutable.',
    ]),
    [
      {
        code: 'refused',
        status: 400,
        request: `PUT ${api}/manifests/latest`,
        oci: [{ code: 'TAG_INVALID', message: 'the repository is immutable' }],
      },
      'ghcr.io refused writing the tag latest of acme/greeter (400, TAG_INVALID: the repository is immutable); it accepted the content, so only the tag is refused: get permission to write it, or use another tag if it is immutable.',
    ],
    [
      { code: 'refused', status: 400, request: `PUT ${api}/manifests/${digest}` },
      'ghcr.io refused writing the manifest sha256:4281b3c9… of acme/greeter (400); the registry does not accept this kind of content, or has a rule against it.',
    ],
    [
      { code: 'denied', status: 403, login: false, request: `GET ${api}/manifests/latest` },
      'ghcr.io refuses reading the tag latest of acme/greeter (403); log in to it before this step.',
    ],
    ...(
      [
        ['quota exceeded for project x', 'rule'],
        ['artifact has vulnerabilities and is blocked by a policy', 'rule'],
        ['the retention of this repository forbids it', 'rule'],
        ['tag rate limit reached', 'rule'],
        ['requested access to the resource is denied', 'right'],
        ['User: x is not authorized to perform: ecr:PutImage because no policy allows it', 'right'],
        ['this generates nothing', 'right'],
      ] as const
    ).map(([message, kind]): [Partial<RegistryErrorFacts>, string] => [
      {
        code: 'denied',
        status: 403,
        login: false,
        request: `PUT ${api}/manifests/${digest}`,
        oci: [{ code: 'DENIED', message }],
      },
      `ghcr.io refuses writing the manifest sha256:4281b3c9… of acme/greeter (403, DENIED: ${message}); ${
        kind === 'rule'
          ? 'this is a rule of the registry, and hardly a matter of the login: do what its answer says, or ask whoever runs it.'
          : 'a right is missing, or a rule of the registry forbids it: if it takes a login, log in to it before this step.'
      }`,
    ]),
    [
      {
        code: 'denied',
        status: 403,
        login: true,
        request: `PUT ${api}/manifests/latest`,
        oci: [{ code: 'DENIED', message: 'storage quota of acme is used up' }],
      },
      'ghcr.io refuses writing the tag latest of acme/greeter (403, DENIED: storage quota of acme is used up); this is a rule of the registry, and hardly a matter of the login: do what its answer says, or ask whoever runs it.',
    ],
    [
      { code: 'not-found', status: 404, request: `GET ${api}/blobs/${digest}` },
      'ghcr.io does not have what was requested while reading the blob sha256:4281b3c9… of acme/greeter (404); check the name and the tag or digest.',
    ],
    [
      { code: 'rate-limited', status: 429, limit: { requests: 100, window: 21_600_000, left: 0 } },
      'ghcr.io limits the rate of requests: 100 requests in 6 h, 0 left (429); log in if there is no login, or run again later.',
    ],
    ...(
      [
        [{ requests: 100, left: 3 }, ': 100 requests, 3 left'],
        [{ requests: 100 }, ': 100 requests, none left'],
        [{ left: 3 }, ': 3 requests left'],
        [{ window: 60_000 }, ''],
        [{ requests: 5, window: 119_000 }, ': 5 requests in 119 s, none left'],
        [{ requests: 5, window: 119_001 }, ': 5 requests in 2 min, none left'],
        [{ requests: 5, window: 7_140_000 }, ': 5 requests in 119 min, none left'],
        [{ requests: 5, window: 7_140_001 }, ': 5 requests in 2 h, none left'],
      ] as const
    ).map(([limit, words]): [Partial<RegistryErrorFacts>, string] => [
      { code: 'rate-limited', status: 429, limit },
      `ghcr.io limits the rate of requests${words} (429); log in if there is no login, or run again later.`,
    ]),
    [
      { code: 'rate-limited', status: 429, retryAfter: 300_000 },
      'ghcr.io limits the rate of requests; it asks for a retry in 5 min, which is longer than a run waits (429); log in if there is no login, or run again then.',
    ],
    [
      { status: 503, retryAfter: 3_600_000, request: `PUT ${api}/manifests/dev` },
      'ghcr.io failed while writing the tag dev of acme/greeter (503); it asks for a retry in 60 min, which is longer than a run waits; the fault is in the registry: run again then, nothing that was uploaded is lost.',
    ],
    [
      { status: 500, request: `PUT ${api}/manifests/${digest}` },
      'ghcr.io failed while writing the manifest sha256:4281b3c9… of acme/greeter, in every attempt (500); the fault is in the registry: run again later, nothing that was uploaded is lost.',
    ],
    [
      { code: 'timed-out', detail: 'no byte came for 30 s' },
      'ghcr.io stopped answering while reading the tag dev of acme/greeter: no byte came for 30 s; run again later.',
    ],
    [
      { code: 'cut-off', detail: 'ECONNRESET', request: `PUT ${api}/blobs/uploads/1?digest=x` },
      'ghcr.io cut the connection while uploading to acme/greeter: ECONNRESET; run again.',
    ],
    [
      { status: 503, request: 'GET https://auth.example/token?service=x' },
      'auth.example failed while answering GET https://auth.example/token?service=x, in every attempt (503); the fault is in the registry: run again later, nothing that was uploaded is lost.',
    ],
    [
      {
        code: 'credentials',
        detail: 'x ended with 1',
        request: 'GET https://registry-1.docker.io/v2/',
      },
      'The credentials for docker.io cannot be read: x ended with 1; fix the helper or the file, or log in again.',
    ],
    [
      { code: 'rate-limited', status: 429, retryAfter: 7_200_000 },
      'ghcr.io limits the rate of requests; it asks for a retry in 2 h, which is longer than a run waits (429); log in if there is no login, or run again then.',
    ],
    [
      { code: 'layer-type', status: 400, detail: 'its layer 1 is no gzip' },
      'ghcr.io refused reading the tag dev of acme/greeter (400): its layer 1 is no gzip; if this registry accepts gzip layers only, use a base that has no others, or recompress that base.',
    ],
    [
      { code: 'protocol', status: 200, detail: 'Location is missing' },
      'ghcr.io gave an answer that the distribution-spec does not allow, while reading the tag dev of acme/greeter: Location is missing (200); check that this is a registry, and that no proxy changes its answers.',
    ],
    [
      { code: 'wrong-digest', detail: 'its bytes are others' },
      "ghcr.io served other bytes than were requested, while reading the tag dev of acme/greeter: its bytes are others; do not use this image, and check the registry's storage and any proxy on the way.",
    ],
    [
      { code: 'unsafe', detail: 'it leads elsewhere' },
      'ghcr.io asked for something unsafe while reading the tag dev of acme/greeter: it leads elsewhere; credentials were not sent.',
    ],
    [
      { code: 'unreachable', detail: 'nothing listens there (ECONNREFUSED)' },
      'ghcr.io cannot be reached: nothing listens there (ECONNREFUSED); check its name, the network, and that the registry is running.',
    ],
  ])('%j', (facts, sentence) => {
    expect(said(facts)).toBe(sentence);
  });
});

test.each([
  ['acme/billing', 'requested access to the resource acme/billing is denied', false],
  ['acme/billing', 'Billing may not be written', false],
  [
    'docker-local/rate-limiter',
    "User is not permitted to deploy 'manifest.json' into 'docker-local/rate-limiter/latest'",
    false,
  ],
  ['policy-engine/app', 'You have no access to project policy-engine', false],
  ['acme/app', 'Deny by IAM policies', false],
  ['acme/app', 'insufficient scope: token limit reached', false],
  ['acme/app', 'the project "quota" is not yours', false],
  ['acme/app', 'permission denied by policy', false],
  ['acme/quota', 'denied: the storage quota of acme is used up', false],
  ['acme/app', 'denied: the storage quota of acme is used up', true],
  ['acme/app', "can't push: the artifact's tag is immutable, so it isn't replaced", true],
  ['acme/app', 'not allowed: 3 vulnerabilities in acme/app', true],
  ['acme/app', 'blocked by policy.', true],
])('of %s, whether "%s" names a rule: %s', (path, message, expected) => {
  const request = `POST https://r.example/v2/${path}/blobs/uploads/`;
  const oci = [{ code: 'DENIED', message }];
  expect(namesRule(new RegistryError({ code: 'denied', request, oci }))).toBe(expected);
});

test('words of others end where ours go on', () => {
  const words = 'requested access to the resource is denied.';
  const facts = { code: 'denied', status: 403, oci: [{ code: 'DENIED', message: words }] } as const;
  const error = new RegistryError({ request: `PUT ${api}/manifests/dev`, ...facts });
  expect(reasonOf(error)).toBe(
    'ghcr.io refuses writing the tag dev of acme/greeter (403, DENIED: requested access to the resource is denied)',
  );
  expect(said({ code: 'timed-out', detail: 'no byte came.\n' })).toBe(
    'ghcr.io stopped answering while reading the tag dev of acme/greeter: no byte came; run again later.',
  );
  expect(reasonOf(new Error('It broke.'))).toBe('It broke');
});

test('a finding has what to do apart', () => {
  const error = new RegistryError({
    code: 'denied',
    status: 403,
    request: `POST ${api}/blobs/uploads/`,
  });
  expect(registryFailed({ image: 'greeter' }, error)).toEqual({
    code: 'registry-failed',
    severity: 'error',
    subject: { image: 'greeter' },
    message: 'ghcr.io refuses uploading to acme/greeter (403).',
    remedy: 'Give this login the permission, or check the name of the repository.',
  });
  expect(registryFailed({}, new Error('EIO'))).toMatchObject({
    message: 'EIO',
    remedy: expect.stringContaining("the registry's answer"),
  });
});
