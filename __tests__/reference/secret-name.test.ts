import { describe, expect, test } from '@jest/globals';
import { isSecretName, mayBeSecretName } from '../../src/reference/index.js';

const SECRET = [
  // variables
  'GITHUB_TOKEN',
  'TOKEN',
  'TOKEN_URL',
  'npm_token',
  'NPM_AUTH_TOKEN',
  'CLIENT_SECRET',
  'SECRETS',
  'SECRET_NAME',
  'DB_PASSWORD',
  'POSTGRES_PASSWD',
  'SIGNING_PASSPHRASE',
  'GOOGLE_APPLICATION_CREDENTIALS',
  'GIT_CREDENTIAL',
  'API_KEY',
  'APIKEY',
  'PRIVATE_KEY_FILE',
  'AWS_ACCESS_KEY_ID',
  'AWS_SECRET_ACCESS_KEY',
  'DB_PASS',
  'DBPASSWORD',
  'NPMTOKEN',
  'githubToken',
  'apiKey',
  // attributes of BuildKit's caches
  'token',
  'ghtoken',
  'secret_access_key',
  'session_token',
  // keys of git
  'password',
  'oauth-token',
  'smtpPass',
  'smtppass',
  'clientSecret',
];

const PERHAPS = [
  'DOCKER_AUTH_CONFIG',
  'DOCKER_AUTHORIZATION',
  'BUILDKIT_SIGNING_KEY',
  'DOCKER_HUB_PAT',
  'DOCKER_PASS_FILE',
  'DOCKER_TOKENS',
];

const HARMLESS = [
  '',
  'VERSION',
  'TARGETARCH',
  'DOCKER_HOST',
  'BUILDKIT_PROGRESS',
  'KEYBOARD',
  'KEY',
  'MONKEY',
  'scope',
  'account_name',
  'helper',
  'PATH',
  'DISPATCH',
];

describe('a name', () => {
  test.each(SECRET)('%s says that its value is a secret', (name) => {
    expect([isSecretName(name), mayBeSecretName(name)]).toEqual([true, true]);
  });

  test.each(PERHAPS)('%s may be one of a secret', (name) => {
    expect([isSecretName(name), mayBeSecretName(name)]).toEqual([false, true]);
  });

  test.each(HARMLESS)('"%s" is harmless', (name) => {
    expect([isSecretName(name), mayBeSecretName(name)]).toEqual([false, false]);
  });

  test.each(['askpass', 'COMPASS', 'MAX_TOKENS', 'TOKENIZER', 'AUTHOR', 'BYPASS'])(
    '%s ends or begins like one and is none',
    (name) => expect(isSecretName(name)).toBe(false),
  );
});
