import { describe, expect, test } from '@jest/globals';
import type { Command, CommandOutput, Exec, Files } from '../../src/ports/index.js';
import { CredentialError, dockerCredentials } from '../../src/registry/index.js';
import { silentExec } from '../silent-exec.js';
import { rejection } from './rig.js';

function filesWith(content: Readonly<Record<string, string>>): Files {
  const has = (path: string) => Object.hasOwn(content, path);
  return {
    look: async (path: string) => (has(path) ? { kind: 'file', size: 1, modified: 0n } : undefined),
    read: async (path: string) => Buffer.from(content[path] ?? ''),
  } as unknown as Files;
}

function execGiving(output: Partial<CommandOutput>, calls: Command[] = []): Exec {
  return {
    run: async (command: Command) => {
      calls.push(command);
      return { code: 0, signal: null, stdout: '', stderr: '', ...output };
    },
  } as unknown as Exec;
}

function keychain(config: unknown, output: Partial<CommandOutput> = {}, calls: Command[] = []) {
  const text = typeof config === 'string' ? config : JSON.stringify(config);
  return dockerCredentials({
    files: filesWith({ '/cfg/config.json': text }),
    exec: execGiving(output, calls),
    env: { DOCKER_CONFIG: '/cfg', PATH: '/bin', UNSET: undefined },
  });
}

const auth = (user: string, password: string) => ({
  auth: Buffer.from(`${user}:${password}`).toString('base64'),
});
const anonymous = { kind: 'anonymous' };
const basic = (username: string, password: string) => ({ kind: 'basic', username, password });

describe("credentials from docker's config.json", () => {
  test.each([
    ['auth', 'ghcr.io', { auths: { 'ghcr.io': auth('u', 'p:q') } }, basic('u', 'p:q')],
    [
      'username and password',
      'ghcr.io',
      { auths: { 'ghcr.io': { username: 'u', password: 'p' } } },
      basic('u', 'p'),
    ],
    [
      'identity token',
      'ghcr.io',
      { auths: { 'ghcr.io': { ...auth('u', ''), identitytoken: 'idt' } } },
      { kind: 'identity-token', token: 'idt' },
    ],
    [
      'registry token',
      'ghcr.io',
      { auths: { 'ghcr.io': { registrytoken: 'rt' } } },
      { kind: 'registry-token', token: 'rt' },
    ],
    [
      "Docker Hub's key",
      'docker.io',
      { auths: { 'https://index.docker.io/v1/': auth('u', 'p') } },
      basic('u', 'p'),
    ],
    [
      'Docker Hub by name',
      'docker.io',
      { auths: { 'docker.io': auth('u', 'p') } },
      basic('u', 'p'),
    ],
    [
      'a URL as key',
      'r.example:5000',
      { auths: { 'https://r.example:5000/v2/': auth('u', 'p') } },
      basic('u', 'p'),
    ],
    ['another port', 'r.example', { auths: { 'r.example:5000': auth('u', 'p') } }, anonymous],
    ['a host that only ends alike', 'hcr.io', { auths: { 'ghcr.io': auth('u', 'p') } }, anonymous],
    ['an empty entry', 'ghcr.io', { auths: { 'ghcr.io': {} } }, anonymous],
    ['no entries', 'ghcr.io', {}, anonymous],
    ['entries of a wrong type', 'ghcr.io', { auths: 3, credHelpers: ['x'] }, anonymous],
    ['a common store that is no text', 'ghcr.io', { credsStore: 3 }, anonymous],
    ['a common store without a name', 'ghcr.io', { credsStore: '' }, anonymous],
    [
      'Docker Hub by the host that serves it',
      'docker.io',
      { auths: { 'https://registry-1.docker.io/v2/': auth('u', 'p') } },
      basic('u', 'p'),
    ],
    [
      'an entry padded with zero bytes',
      'ghcr.io',
      { auths: { 'ghcr.io': auth('u', 'p\0q\0\0') } },
      basic('u', 'p\0q'),
    ],
    [
      'a login without a user, whatever stands beside it',
      'ghcr.io',
      { auths: { 'ghcr.io': { ...auth('', 'p'), username: 'u', password: 'q' } } },
      anonymous,
    ],
  ])('%s', async (_name, registry, config, expected) => {
    expect(await keychain(config)(registry)).toEqual(expected);
  });

  test('are anonymous where there is no file', async () => {
    const nothing = { files: filesWith({}), exec: execGiving({}) };
    expect(await dockerCredentials({ ...nothing, env: { HOME: '/h' } })('ghcr.io')).toEqual(
      anonymous,
    );
    expect(await dockerCredentials({ ...nothing, env: {} })('ghcr.io')).toEqual(anonymous);
  });

  test('are read from the home directory without DOCKER_CONFIG', async () => {
    const text = JSON.stringify({ auths: { 'ghcr.io': auth('u', 'p') } });
    const ports = { files: filesWith({ '/h/.docker/config.json': text }), exec: execGiving({}) };
    expect(await dockerCredentials({ ...ports, env: { HOME: '/h' } })('ghcr.io')).toEqual(
      basic('u', 'p'),
    );
  });

  test('DOCKER_AUTH_CONFIG comes before the file, and is not repeated where it is wrong', async () => {
    const content = { '/cfg/config.json': JSON.stringify({ auths: { 'r.io': auth('f', 'p') } }) };
    const given = { auths: { 'ghcr.io': auth('e', 'p'), 'r.io': auth('e', 'q') } };
    const look = (text: string) =>
      dockerCredentials({
        files: filesWith(content),
        exec: execGiving({}),
        env: { DOCKER_CONFIG: '/cfg', DOCKER_AUTH_CONFIG: text },
      });
    expect(await look(JSON.stringify(given))('r.io')).toEqual(basic('e', 'q'));
    expect(await look(JSON.stringify({ auths: {} }))('r.io')).toEqual(basic('f', 'p'));
    expect(await look('')('r.io')).toEqual(basic('f', 'p'));
    const error = await rejection(look('hunter2')('r.io'));
    expect(error).toMatchObject({ code: 'bad-file' });
    expect(String(error)).toContain('DOCKER_AUTH_CONFIG is not JSON');
    expect(String(error)).not.toContain('hunter2');
  });

  test('a file that cannot be read is not taken for none', async () => {
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES' });
    const files = {
      ...filesWith({ '/cfg/config.json': '' }),
      read: () => Promise.reject(denied),
    };
    const look = dockerCredentials({
      files,
      exec: execGiving({}),
      env: { DOCKER_CONFIG: '/cfg' },
    });
    expect(await rejection(look('ghcr.io'))).toBe(denied);
  });

  test('a file that is not JSON is told without its content', async () => {
    const error = await rejection(keychain('{"auths": "secret')('ghcr.io'));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error).toMatchObject({ code: 'bad-file' });
    expect(String(error)).toContain('/cfg/config.json is not JSON');
    expect(String(error)).not.toContain('secret');
  });
});

describe('a credential helper', () => {
  const answer = (fields: object) => ({ stdout: JSON.stringify(fields) });
  const helper = { credHelpers: { 'ghcr.io': 'mine' } };

  test('gets the server on stdin and nothing secret in its arguments', async () => {
    const calls: Command[] = [];
    const given = answer({ Username: 'u', Secret: 's' });
    expect(await keychain(helper, given, calls)('ghcr.io')).toEqual(basic('u', 's'));
    expect(calls).toEqual([
      {
        file: 'docker-credential-mine',
        args: ['get'],
        input: 'ghcr.io',
        signal: expect.any(AbortSignal),
        env: { DOCKER_CONFIG: '/cfg', PATH: '/bin' },
      },
    ]);
  });

  test('is asked for Docker Hub under its old address, and once only', async () => {
    const calls: Command[] = [];
    const given = answer({ Username: '<token>', Secret: 'idt' });
    const look = keychain({ credsStore: 'mine' }, given, calls);
    expect(await look('docker.io')).toEqual({ kind: 'identity-token', token: 'idt' });
    await look('docker.io');
    expect(calls.map(({ input }) => input)).toEqual(['https://index.docker.io/v1/']);
  });

  test.each([
    [
      'of the host comes before the store',
      { ...helper, credsStore: 'other' },
      'docker-credential-mine',
    ],
    [
      'of another host is not asked',
      { credHelpers: { 'r.io': 'x' }, credsStore: 'other' },
      'docker-credential-other',
    ],
  ])('%s', async (_name, config, file) => {
    const calls: Command[] = [];
    await keychain(config, answer({ Username: 'u', Secret: 's' }), calls)('ghcr.io');
    expect(calls.map((call) => call.file)).toEqual([file]);
  });

  test('that is empty keeps the common store from being asked', async () => {
    const calls: Command[] = [];
    const config = { credHelpers: { 'ghcr.io': '' }, credsStore: 'other' };
    expect(await keychain(config, {}, calls)('ghcr.io')).toEqual(anonymous);
    const written = { ...config, auths: { 'ghcr.io': auth('u', 'p') } };
    expect(await keychain(written, {}, calls)('ghcr.io')).toEqual(basic('u', 'p'));
    expect(calls).toEqual([]);
  });

  test('that knows nothing leaves the written entry, or anonymous', async () => {
    const none = { code: 1, stdout: 'credentials not found in native keychain\n' };
    expect(await keychain(helper, none)('ghcr.io')).toEqual(anonymous);
    const both = { ...helper, auths: { 'ghcr.io': auth('u', 'p') } };
    expect(await keychain(both, none)('ghcr.io')).toEqual(basic('u', 'p'));
    expect(await keychain(helper, answer({ Username: '', Secret: '' }))('ghcr.io')).toEqual(
      anonymous,
    );
  });

  test.each([
    ['Username', { Username: 'u', Secret: '' }, basic('u', '')],
    ['Secret', { Username: '', Secret: 's' }, basic('', 's')],
  ])('that gives only a %s has a login all the same', async (_name, given, expected) => {
    expect(await keychain(helper, answer(given))('ghcr.io')).toEqual(expected);
  });

  test.each([
    [
      'fails',
      { code: 3, stdout: '', stderr: 'no session bus' },
      {
        code: 'helper-failed',
        helper: 'docker-credential-mine',
        exit: 3,
        output: 'no session bus',
      },
      'docker-credential-mine ended with 3 when asked for ghcr.io: no session bus',
    ],
    [
      'is killed',
      { code: null, signal: 'SIGKILL' },
      { code: 'helper-failed', exit: null, output: '' },
      'was ended by SIGKILL when asked for ghcr.io: it printed nothing',
    ],
    [
      'is missing',
      { code: null, notStarted: 'ENOENT' },
      { code: 'helper-missing', helper: 'docker-credential-mine' },
      'could not be started (ENOENT)',
    ],
    [
      'answers no JSON',
      { stdout: 'hunter2' },
      { code: 'helper-failed', exit: 0, output: undefined },
      'its answer is not the JSON',
    ],
  ])('that %s is an error that names it', async (_name, output, fields, words) => {
    const error = await rejection(keychain(helper, output)('ghcr.io'));
    expect(error).toBeInstanceOf(CredentialError);
    expect(error).toMatchObject(fields);
    expect(String(error)).toContain(words);
    expect(String(error)).not.toContain('hunter2');
  });

  test('whose name is a path is not started', async () => {
    const calls: Command[] = [];
    const look = keychain({ credsStore: '../../bin/sh' }, {}, calls);
    expect(await rejection(look('ghcr.io'))).toMatchObject({ code: 'bad-file' });
    expect(calls).toEqual([]);
  });

  test('that fails is told without the answer that it gave', async () => {
    const stdout = '{"ServerURL":"ghcr.io","Username":"u","Secret":"hunter2"}\n';
    const stderr = 'debug: token hunter2\nno session bus\n';
    const error = await rejection(
      keychain({ credsStore: 'x' }, { code: 1, stdout, stderr })('ghcr.io'),
    );
    expect(String(error)).toContain('ended with 1 when asked for ghcr.io: debug: token ***');
    expect(String(error)).toContain('no session bus');
    expect(JSON.stringify(error) + String(error)).not.toContain('hunter2');
  });

  test('that fails with many words is told with the first four kibibytes of them', async () => {
    const stderr = `  ${'x'.repeat(5000)}`;
    const error = await rejection(keychain(helper, { code: 1, stderr })('ghcr.io'));
    expect((error as CredentialError).output).toBe('x'.repeat(4096));
  });

  test('that does not answer is told so', async () => {
    const files = filesWith({ '/cfg/config.json': '{"credsStore":"x"}' });
    const look = dockerCredentials({ files, exec: silentExec, env: { DOCKER_CONFIG: '/cfg' } }, 20);
    expect(await rejection(look('ghcr.io'))).toMatchObject({
      code: 'helper-failed',
      message:
        'docker-credential-x was asked for the login of ghcr.io and did not answer within 0.02 s.',
    });
  });
});

test('a file that is a link to nowhere is none', async () => {
  const nowhere = Object.assign(new Error('open'), { code: 'ENOENT' });
  const files = {
    ...filesWith({ '/cfg/config.json': '' }),
    read: () => Promise.reject(nowhere),
  } as Files;
  const look = dockerCredentials({ files, exec: execGiving({}), env: { DOCKER_CONFIG: '/cfg' } });
  expect(await look('ghcr.io')).toEqual(anonymous);
});
