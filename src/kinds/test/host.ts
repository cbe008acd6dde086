import { type SourceNode, text } from '../../document/index.js';
import { defined } from '../../types/index.js';
import type { TestKind } from './kind.js';
import { programKeys, workdir } from './program.js';

function isOnHost(test: SourceNode): boolean {
  return text(test, 'on') === 'host';
}

/** A program beside the container, with the image in its environment. */
export const host: TestKind = {
  kind: 'host',
  inContainer: false,
  matches: isOnHost,
  refuses: (key) => `"${key}" is for containers; this test runs on the host`,
  keys: {
    ...programKeys,
    workdir: {
      ...workdir,
      read: (test) => ({ plan: defined({ workdir: text(test, 'workdir') }) }),
    },
    on: {
      shape: { kind: 'choice', of: ['image', 'host'] },
      description: 'host: runs beside the container, with the tested image in its environment.',
      read: (test) => ({
        grants: [
          {
            grant: 'host-tests',
            what: 'a test on the host, in an untrusted run,',
            at: test.at,
            untrusted: true,
          },
        ],
      }),
    },
  },
};
