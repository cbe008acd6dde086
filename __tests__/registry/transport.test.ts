import { expect, test } from '@jest/globals';
import { createHttp } from '../../src/ports/http.js';
import type { HttpRequest } from '../../src/ports/index.js';
import { explain } from '../../src/registry/index.js';
import { http, rejection, repositoryAt, respond, serve } from './rig.js';

test('a redirect to a name that leads to a metadata service is not followed', async () => {
  const server = await serve((_seen, response) =>
    respond(response, 307, '', { location: 'http://cdn.example/secrets' }),
  );
  const metadata = { address: '169.254.169.254', family: 4 };
  const misled = createHttp({}, (_name, { all }, done) =>
    all ? done(null, [metadata]) : done(null, metadata.address, metadata.family),
  );
  const error = await rejection(repositoryAt(server, 'a', { http: misled }).getManifest('dev'));
  expect(error).toMatchObject({
    code: 'unsafe',
    detail: "cdn.example leads to 169.254.169.254, the address of a cloud's metadata service",
  });
  expect(explain(error)).toContain('asked for something unsafe');
  expect(server.seen).toHaveLength(1);
});

test('requests are blockMetadata where they go elsewhere than to the registry', async () => {
  const other = await serve((_seen, response) => respond(response, 200, '{}'));
  const server = await serve(({ url }, response) => {
    const location = url.endsWith('/dev') ? '/v2/a/manifests/next' : `http://${other.host}/x`;
    respond(response, 307, '', { location });
  });
  const asked: (readonly [string, boolean | undefined])[] = [];
  const watched = (request: HttpRequest) => {
    asked.push([new URL(request.url).host, request.blockMetadata]);
    return http(request);
  };
  await repositoryAt(server, 'a', { http: watched }).getManifest('dev');
  expect(asked).toEqual([
    [server.host, false],
    [server.host, false],
    [other.host, true],
  ]);
});
