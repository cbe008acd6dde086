import { beforeAll, expect, test } from '@jest/globals';
import { CRASHES } from './crashing.js';
import { type FaultRow, messageOf, noteFaults } from './fault-table.js';
import { brief, busybox, errorsOf, sentences, unique } from './image-project.js';
import { distribution, leftovers, project, type Run, runIn, tagsAt } from './rig.js';

/*
 * Small projects that were once answered wrongly, each as its author wrote it, and the right
 * answer. All run beside each other and publish to a registry of their own.
 */

interface Case {
  readonly stage: FaultRow['stage'];
  readonly files: Readonly<Record<string, string | Buffer>>;
  readonly exit: number;
  /** `CODE PLATFORM TEST` of each error, in the report's order. */
  readonly errors: readonly string[];
  readonly says: readonly string[];
}

/** A sea-trial.yml with one image; `lines` stand below its name. */
const image = (name: string, ...lines: readonly string[]) =>
  ['images:', `  - name: ${name}`, ...lines.map((line) => `    ${line}`), ''].join('\n');

const BOTH = 'platforms: [linux/amd64, linux/arm64]';

const CASES: Readonly<Record<string, Case>> = {
  'a userland of the machine that builds': {
    stage: 'inspect',
    files: {
      Dockerfile: [
        'FROM busybox:1.37 AS own',
        'FROM --platform=$BUILDPLATFORM busybox:1.37',
        'COPY --from=own /bin/busybox /usr/local/bin/busybox',
        unique(),
        'ENTRYPOINT ["/usr/local/bin/busybox"]',
      ].join('\n'),
      'sea-trial.yml': image('acme/greeter', 'tags: [dev]', BOTH, 'tests: [busybox uname]'),
    },
    exit: 1,
    errors: ['arch-mismatch linux/arm64'],
    says: ['/bin/sh', 'programs on PATH', 'Dockerfile:2', 'drop --platform=$BUILDPLATFORM'],
  },
  'a program that crashes and has no test': {
    stage: 'test',
    files: {
      Dockerfile: ['FROM scratch', 'COPY crash /', unique(), 'ENTRYPOINT ["/crash"]'].join('\n'),
      crash: CRASHES.amd64,
      'sea-trial.yml': image('acme/x', 'platforms: [linux/amd64]'),
    },
    exit: 1,
    errors: ['program-killed linux/amd64 starts'],
    says: ['killed by SIGSEGV (exit 139)'],
  },
  'lines of a test that go on after one that fails': {
    stage: 'test',
    files: {
      Dockerfile: busybox('CMD ["true"]'),
      'sea-trial.yml': image(
        'acme/y',
        'tests:',
        '  - name: lines in the image',
        '    run: |',
        '      wget -q http://127.0.0.1:1/',
        '      echo ok',
        '  - name: lines on the host',
        '    on: host',
        '    run: |',
        '      cd /nowhere',
        '      make test',
        '      echo ok',
      ),
    },
    exit: 1,
    errors: [
      'test-failed linux/amd64 lines in the image',
      'test-failed linux/amd64 lines on the host',
    ],
    says: ['executed /bin/sh -e -c', "can't cd to /nowhere"],
  },
  'a step that does not end, beside one that does': {
    stage: 'build',
    files: {
      Dockerfile: [
        'FROM busybox:1.37 AS hangs',
        unique(),
        'ARG TARGETARCH',
        'RUN if [ "$TARGETARCH" = arm64 ]; then echo begun; sleep 600; fi',
        'FROM busybox:1.37 AS ends',
        unique(),
        'RUN sleep 2; echo ended',
        'FROM busybox:1.37',
        'COPY --from=hangs /bin/busybox /one',
        'COPY --from=ends /bin/busybox /two',
      ].join('\n'),
      'sea-trial.yml': image(
        'acme/hangs',
        'tags: [dev]',
        BOTH,
        'build: { timeout: 20s }',
        'tests: [busybox uname]',
      ),
    },
    exit: 1,
    errors: ['build-failed linux/arm64'],
    says: [
      'the build did not end within 20s: step',
      'RUN if [ "arm64" = arm64 ]; then echo begun; sleep 600; fi was still running',
      'begun',
      'under emulation',
    ],
  },
  'a file that is empty on one platform': {
    stage: 'inspect',
    files: {
      Dockerfile: busybox(
        'ARG TARGETARCH',
        'COPY server.src.js /tmp/server.src.js',
        'RUN mkdir /app && if [ "$TARGETARCH" = arm64 ]; then : > /app/server.js; else cp /tmp/server.src.js /app/server.js; fi && rm /tmp/server.src.js',
        'ENTRYPOINT ["/bin/busybox", "uname", "-m"]',
      ),
      'server.src.js': 'the server\n',
      'sea-trial.yml': image('acme/server', 'tags: [dev]', BOTH, 'tests: [uname -m]'),
    },
    exit: 1,
    errors: ['empty-on-one-platform linux/arm64'],
    says: ['/app/server.js is empty on linux/arm64 and has 11 bytes on linux/amd64'],
  },
};

const runs = new Map<string, Run>();
let host = '';

beforeAll(async () => {
  host = await distribution();
  const all = Object.entries(CASES).map(async ([name, { files }]) => {
    const folder = await project(files);
    runs.set(name, await runIn(folder, ['--push', '--registry', host]));
  });
  await Promise.all(all);
}, 120_000);

test.each(Object.entries(CASES))('%s is answered rightly', async (fault, wanted) => {
  const run = runs.get(fault);
  if (run?.evidence === undefined) throw new Error(run?.stderr);
  const said = sentences(run.stdout);
  expect({
    exit: run.code,
    errors: errorsOf(run).map(brief),
    missing: [...wanted.says, 'nothing was published'].filter((words) => !said.includes(words)),
  }).toEqual({ exit: wanted.exit, errors: wanted.errors, missing: [] });
  const [name = ''] = run.evidence.plan.images.flatMap(({ targets }) =>
    targets.map(({ repository }) => repository.slice(repository.indexOf('/') + 1)),
  );
  const left = [...(await leftovers(run.evidence)), ...(await tagsAt(host, name))];
  const { stage, exit } = wanted;
  noteFaults([{ fault, stage, exit, message: messageOf(run), left }]);
});
