import { describe, expect, test } from '@jest/globals';
import { baseUrl } from '../../src/registry/index.js';

describe('the registry of a reference', () => {
  test.each([
    ['docker.io', 'https://registry-1.docker.io'],
    ['ghcr.io', 'https://ghcr.io'],
    ['reg.example:8443', 'https://reg.example:8443'],
    ['localhost:5000', 'http://localhost:5000'],
    ['127.0.0.1:5000', 'http://127.0.0.1:5000'],
    ['127.9.9.9', 'http://127.9.9.9'],
    ['[::1]:5000', 'http://[::1]:5000'],
    ['x.localhost:5000', 'http://x.localhost:5000'],
    ['127.0.0.1.example', 'https://127.0.0.1.example'],
    ['localhost.example', 'https://localhost.example'],
  ])('%s is spoken to at %s', (registry, url) => {
    expect(baseUrl(registry)).toBe(url);
  });
});
