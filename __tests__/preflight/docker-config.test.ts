import { join } from 'node:path';
import { afterEach, describe, expect, test } from '@jest/globals';
import { files } from '../../src/ports/files.js';
import { dockerProxies, withAuths, writeDockerConfig } from '../../src/preflight/docker-config.js';

const auth = (text: string) => ({ auth: Buffer.from(text).toString('base64') });
const ghcr = { registry: 'ghcr.io', username: 'u', password: 'p:q' };
const hub = { registry: 'docker.io', username: 'h', password: 's' };

describe("docker's configuration with logins laid over it", () => {
  test.each([
    [{}, [ghcr], { auths: { 'ghcr.io': auth('u:p:q') }, credHelpers: { 'ghcr.io': '' } }],
    [
      {
        auths: { 'ghcr.io': { auth: 'old', identitytoken: 'x' }, 'r.io': { auth: 'kept' } },
        credsStore: 'desktop',
        credHelpers: { 'ghcr.io': 'gh', 'a.io': 'aws' },
        currentContext: 'far',
        proxies: { default: { httpProxy: 'http://p' } },
      },
      [ghcr, hub],
      {
        auths: {
          'ghcr.io': auth('u:p:q'),
          'r.io': { auth: 'kept' },
          'https://index.docker.io/v1/': auth('h:s'),
        },
        credsStore: 'desktop',
        credHelpers: { 'ghcr.io': '', 'a.io': 'aws', 'https://index.docker.io/v1/': '' },
        currentContext: 'far',
        proxies: { default: { httpProxy: 'http://p' } },
      },
    ],
    [
      { auths: 3, credHelpers: [] },
      [ghcr],
      { auths: { 'ghcr.io': auth('u:p:q') }, credHelpers: { 'ghcr.io': '' } },
    ],
  ])('%j', (config, logins, expected) => {
    expect(withAuths(config, logins)).toEqual(expected);
  });
});

describe('a docker configuration of the run', () => {
  const folders: string[] = [];
  const folder = async () => {
    const made = await files.makeTemporary('sea-trial-overlay-');
    folders.push(made);
    return made;
  };
  afterEach(async () => {
    for (const one of folders.splice(0)) await files.remove(one);
  });

  test('shows all that is in the user’s, is private, and leaves that as it is', async () => {
    const [home, run] = [await folder(), await folder()];
    const theirs = join(home, '.docker');
    await files.makeDirectory(join(theirs, 'contexts', 'meta'));
    await files.write(join(theirs, 'contexts', 'meta', 'x'), 'context');
    await files.write(join(theirs, 'ca.pem'), 'pem');
    const written = '{"currentContext":"far"}';
    await files.write(join(theirs, 'config.json'), written);
    const env = await writeDockerConfig([ghcr], run, { files, env: { HOME: home } });
    const { DOCKER_CONFIG: ours = '' } = env;
    expect(env).toEqual({ DOCKER_CONFIG: ours, BUILDX_CONFIG: join(theirs, 'buildx') });
    expect(ours.startsWith(run)).toBe(true);
    expect(await files.list(ours)).toEqual(['ca.pem', 'config.json', 'contexts']);
    expect((await files.read(join(ours, 'contexts', 'meta', 'x'))).toString()).toBe('context');
    const config = JSON.parse((await files.read(join(ours, 'config.json'))).toString());
    expect(config).toMatchObject({ currentContext: 'far', auths: { 'ghcr.io': auth('u:p:q') } });
    expect((await files.look(ours))?.mode).toBe(0o700);
    expect((await files.look(join(ours, 'config.json')))?.mode).toBe(0o600);
    await files.remove(ours);
    expect((await files.read(join(theirs, 'config.json'))).toString()).toBe(written);
    expect((await files.read(join(theirs, 'contexts', 'meta', 'x'))).toString()).toBe('context');
  });

  test('says which proxies containers get, as far as docker would give them', async () => {
    const home = await folder();
    const proxies = async (config: unknown) => {
      await files.write(join(home, 'config.json'), JSON.stringify(config));
      return dockerProxies('unix:///e.sock', { files, env: { DOCKER_CONFIG: home } });
    };
    const own = {
      httpProxy: 'http://p:1',
      httpsProxy: 'http://q:2',
      noProxy: 'a,b',
      ftpProxy: 'f',
    };
    expect(await proxies({ proxies: { default: own } })).toEqual({
      HTTP_PROXY: 'http://p:1',
      HTTPS_PROXY: 'http://q:2',
      NO_PROXY: 'a,b',
    });
    const others = { 'tcp://e:1': {}, 'unix:///e.sock': { httpProxy: 'http://e:3' } };
    expect(await proxies({ proxies: { ...others, default: own } })).toEqual({
      HTTP_PROXY: 'http://e:3',
    });
    for (const none of [{}, { proxies: [] }, { proxies: { default: { httpProxy: 7 } } }]) {
      expect(await proxies(none)).toEqual({});
    }
    expect(await dockerProxies('', { files, env: {} })).toEqual({});
  });

  test.each([
    ['no user configuration', undefined],
    ['one that is not JSON', '{'],
  ])('is made over %s', async (_name, written) => {
    const [theirs, run] = [await folder(), await folder()];
    if (written !== undefined) await files.write(join(theirs, 'config.json'), written);
    const given = { DOCKER_CONFIG: theirs, BUILDX_CONFIG: '/elsewhere' };
    const env = await writeDockerConfig([hub], run, { files, env: given });
    expect(env.BUILDX_CONFIG).toBe('/elsewhere');
    const text = await files.read(join(env.DOCKER_CONFIG ?? '', 'config.json'));
    expect(JSON.parse(text.toString())).toEqual({
      auths: { 'https://index.docker.io/v1/': auth('h:s') },
      credHelpers: { 'https://index.docker.io/v1/': '' },
    });
  });

  test('comes before what the user’s variable says of the same registry', async () => {
    const run = await folder();
    const text = JSON.stringify({ auths: { 'ghcr.io': auth('old'), 'r.io': auth('kept') } });
    const laid = (DOCKER_AUTH_CONFIG: string) =>
      writeDockerConfig([ghcr], run, { files, env: { DOCKER_AUTH_CONFIG } });
    expect(JSON.parse((await laid(text)).DOCKER_AUTH_CONFIG ?? '')).toEqual({
      auths: { 'ghcr.io': auth('u:p:q'), 'r.io': auth('kept') },
    });
    expect(JSON.parse((await laid('{')).DOCKER_AUTH_CONFIG ?? '')).toEqual({
      auths: { 'ghcr.io': auth('u:p:q') },
    });
  });

  test('needs no folder of the user’s, and takes a link to nowhere for no file', async () => {
    const [home, run] = [await folder(), await folder()];
    const configOf = async (env: Readonly<Record<string, string>>) => {
      const { DOCKER_CONFIG: ours = '', DOCKER_AUTH_CONFIG: variable } = env;
      expect(variable).toBeUndefined();
      return JSON.parse((await files.read(join(ours, 'config.json'))).toString());
    };
    const written = async (theirs: string) =>
      configOf(await writeDockerConfig([ghcr], run, { files, env: { DOCKER_CONFIG: theirs } }));
    const expected = { auths: { 'ghcr.io': auth('u:p:q') }, credHelpers: { 'ghcr.io': '' } };
    expect(await written(join(home, 'none'))).toEqual(expected);
    await files.link(join(home, 'nowhere'), join(home, 'config.json'));
    expect(await written(home)).toEqual(expected);
  });

  test('is not made over one that cannot be read', async () => {
    const [home, run] = [await folder(), await folder()];
    await files.makeDirectory(join(home, 'config.json'));
    const laid = writeDockerConfig([ghcr], run, { files, env: { DOCKER_CONFIG: home } });
    await expect(laid).rejects.toThrow();
  });

  test('needs no home', async () => {
    const run = await folder();
    expect(Object.keys(await writeDockerConfig([hub], run, { files, env: {} }))).toEqual([
      'DOCKER_CONFIG',
    ]);
  });
});
