import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Evidence, type Finding, finding } from '../../src/evidence/index.js';
import { annotationsOf, brokenOffAnnotation, findingAnnotations } from '../../src/report/index.js';
import { archMismatch, evidenceOf, failedOnS390x } from '../evidence/sample.js';
import { captured } from '../github/captured.js';
import { hostile } from './hostile.js';

/** The workflow commands of an evidence, a line each. */
async function linesOf(evidence: Evidence): Promise<readonly string[]> {
  const printed = await captured((runner) => annotationsOf(evidence).forEach(runner.annotate));
  return printed.split('\n').slice(0, -1);
}

const annotated = (...findings: readonly Finding[]) => linesOf(evidenceOf({ findings }));

const warning = (platform: string, more: Partial<Finding> = {}) =>
  finding('base-moved', { image: 'greeter', platform }, 'debian:12 moved.', {
    location: { file: 'Dockerfile', line: 1 },
    ...more,
  });

describe('annotations', () => {
  test('stand on the line that they are about', async () => {
    expect(await linesOf(failedOnS390x())).toEqual([
      '::error title=test-failed%3A greeter%3A sums big files,file=sea-trial.yml,line=10,col=9::Test "sums big files" ended with exit 1; expected was 0.%0Aon linux/s390x%0ARepeat it with the command below.',
    ]);
    expect(await annotated(archMismatch)).toEqual([
      '::error title=arch-mismatch%3A greeter,file=Dockerfile,line=7::/usr/local/bin/greeter is an ELF for amd64; the image is for linux/arm64.%0Afound e_machine 62 (x86-64) in layer 3 of 5, COPY --from=build%0Aexpected e_machine 183 (AArch64) platform of the index and of the config%0Aon linux/arm64%0Ause GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    ]);
  });

  test('equal ones of several platforms are one, and each severity has its command', async () => {
    const note = finding('build-warning', { image: 'greeter' }, 'FromAsCasing', {
      location: { file: 'Dockerfile', line: 2 },
      remedy: 'https://docs.docker.com/go/dockerfile/rule/from-as-casing/',
    });
    expect(await annotated(warning('linux/amd64'), note, warning('linux/arm64'))).toEqual([
      '::warning title=base-moved%3A greeter,file=Dockerfile,line=1::debian:12 moved.%0Aon linux/amd64, linux/arm64%0APin the base by digest.',
      '::notice title=build-warning%3A greeter,file=Dockerfile,line=2::FromAsCasing%0Ahttps://docs.docker.com/go/dockerfile/rule/from-as-casing/',
    ]);
  });

  test('without a place only errors are told', async () => {
    expect(
      await annotated(
        finding('registry-failed', { image: 'greeter' }, 'ghcr.io answered 503.', {
          remedy: 'Run again.',
        }),
        finding('started-only', { image: 'greeter' }, 'No test.'),
      ),
    ).toEqual(['::error title=registry-failed%3A greeter::ghcr.io answered 503.%0ARun again.']);
  });

  test('the configured severity decides', async () => {
    const severities = { 'base-moved': 'off', 'go-main': 'warning' } as const;
    const main = finding('go-main', { image: 'greeter' }, 'cmd/other', {
      location: { file: 'sea-trial.yml', line: 3 },
      remedy: '',
    });
    const lines = await linesOf(
      evidenceOf({ findings: [warning('linux/amd64'), main], plan: { severities } }),
    );
    expect(lines).toEqual([
      '::warning title=go-main%3A greeter,file=sea-trial.yml,line=3::cmd/other%0A',
    ]);
  });

  test('at most ten of each kind, the tenth says how many are left, none above 4,096 characters', async () => {
    const many = Array.from({ length: 25 }, (_, line) =>
      warning('linux/amd64', {
        message: `${line} ${'x'.repeat(9_000)}`,
        location: { file: 'Dockerfile', line },
      }),
    );
    const lines = await annotated(...many);
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe("::warning ::16 more are in the job's summary.");
    for (const line of lines) expect(line.split('::')[2]?.length).toBeLessThanOrEqual(4_096);
  });

  test('ten of a kind are ten, and none is left', () => {
    const many = Array.from({ length: 10 }, (_, line) =>
      warning('linux/amd64', { location: { file: 'Dockerfile', line } }),
    );
    expect(findingAnnotations(many).map(({ line }) => line)).toStrictEqual(
      Array.from({ length: 10 }, (_, line) => line),
    );
  });

  test('have the last twelve lines of what a finding adds, behind the rest of it', () => {
    const detail = Array.from({ length: 14 }, (_, at) => `line ${at}`);
    const [annotation] = findingAnnotations([warning('linux/amd64', { detail })]);
    expect(annotation?.message.split('\n')).toStrictEqual([
      'debian:12 moved.',
      'on linux/amd64',
      'Pin the base by digest.',
      ...detail.slice(2),
    ]);
  });

  test('have a title of one line with at most 200 characters', () => {
    const subject = { image: 'greeter', test: `one\ntwo ${'x'.repeat(200)}` };
    const [annotation] = findingAnnotations([finding('test-failed', subject, 'it failed')]);
    expect(annotation?.title).toMatch(/^test-failed: greeter: one two x+…$/);
    expect(annotation?.title).toHaveLength(200);
  });

  test('is one where a step ended before there was evidence, with the reason or where it is', () => {
    expect(brokenOffAnnotation('It stopped.')).toStrictEqual({
      level: 'error',
      message: 'It stopped.\nThe log has details.',
    });
    expect(brokenOffAnnotation('It stopped.', 'one\r\ntwo')).toStrictEqual({
      level: 'error',
      message: 'It stopped.\none\ntwo',
    });
    expect(brokenOffAnnotation('x'.repeat(5_000)).message).toHaveLength(4_096);
  });

  test('whatever a finding says, it stays one command on one line', async () => {
    await fc.assert(
      fc.asyncProperty(hostile, hostile, async (one, other) => {
        const [line = '', ...rest] = await annotated({
          ...archMismatch,
          code: one,
          message: other,
          location: { file: one, line: 1 },
          remedy: one,
          detail: [other],
        });
        expect(rest).toEqual([]);
        expect(line).not.toMatch(/[\r\n]/);
        const [, head, properties] = /^::(error)( [^:]*)?::/.exec(line) ?? [];
        expect(head).toBe('error');
        for (const part of (properties ?? '').trim().split(',')) {
          expect(part).toMatch(/^(file|line|col|title)=[^,:\r\n]*$/);
        }
      }),
    );
  });
});
