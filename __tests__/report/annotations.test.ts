import { describe, expect, test } from '@jest/globals';
import * as fc from 'fast-check';
import { type Finding, finding } from '../../src/evidence/index.js';
import { command, renderAnnotations } from '../../src/report/index.js';
import { archMismatch, evidenceOf, failedOnS390x } from '../evidence/sample.js';
import { hostile } from './hostile.js';

function annotated(...findings: readonly Finding[]): readonly string[] {
  return renderAnnotations(evidenceOf({ findings }));
}

const warning = (platform: string, more: Partial<Finding> = {}) =>
  finding('base-moved', { image: 'greeter', platform }, 'debian:12 moved.', {
    location: { file: 'Dockerfile', line: 1 },
    ...more,
  });

describe('annotations', () => {
  test('stand on the line that they are about', () => {
    expect(renderAnnotations(failedOnS390x())).toEqual([
      '::error file=sea-trial.yml,line=10,col=9,title=test-failed%3A greeter%3A sums big files::Test "sums big files" ended with exit 1; expected was 0.%0Aon linux/s390x%0ARepeat it with the command below.',
    ]);
    expect(annotated(archMismatch)).toEqual([
      '::error file=Dockerfile,line=7,title=arch-mismatch%3A greeter::/usr/local/bin/greeter is an ELF for amd64; the image is for linux/arm64.%0Afound e_machine 62 (x86-64) in layer 3 of 5, COPY --from=build%0Aexpected e_machine 183 (AArch64) platform of the index and of the config%0Aon linux/arm64%0Ause GOARCH=$TARGETARCH, or drop --platform=$BUILDPLATFORM',
    ]);
  });

  test('equal ones of several platforms are one, and each severity has its command', () => {
    const note = finding('build-warning', { image: 'greeter' }, 'FromAsCasing', {
      location: { file: 'Dockerfile', line: 2 },
      remedy: 'https://docs.docker.com/go/dockerfile/rule/from-as-casing/',
    });
    expect(annotated(warning('linux/amd64'), note, warning('linux/arm64'))).toEqual([
      '::warning file=Dockerfile,line=1,title=base-moved%3A greeter::debian:12 moved.%0Aon linux/amd64, linux/arm64%0APin the base by digest.',
      '::notice file=Dockerfile,line=2,title=build-warning%3A greeter::FromAsCasing%0Ahttps://docs.docker.com/go/dockerfile/rule/from-as-casing/',
    ]);
  });

  test('without a place only errors are told', () => {
    expect(
      annotated(
        finding('registry-failed', { image: 'greeter' }, 'ghcr.io answered 503.', {
          remedy: 'Run again.',
        }),
        finding('started-only', { image: 'greeter' }, 'No test.'),
      ),
    ).toEqual(['::error title=registry-failed%3A greeter::ghcr.io answered 503.%0ARun again.']);
  });

  test('the configured severity decides', () => {
    const severities = { 'base-moved': 'off', 'go-main': 'warning' } as const;
    const main = finding('go-main', { image: 'greeter' }, 'cmd/other', {
      location: { file: 'sea-trial.yml', line: 3 },
      remedy: '',
    });
    const lines = renderAnnotations(
      evidenceOf({ findings: [warning('linux/amd64'), main], plan: { severities } }),
    );
    expect(lines).toEqual([
      '::warning file=sea-trial.yml,line=3,title=go-main%3A greeter::cmd/other%0A',
    ]);
  });

  test('at most ten of each kind, the tenth says how many are left, none above 4,096 characters', () => {
    const many = Array.from({ length: 25 }, (_, line) =>
      warning('linux/amd64', {
        message: `${line} ${'x'.repeat(9_000)}`,
        location: { file: 'Dockerfile', line },
      }),
    );
    const lines = annotated(...many);
    expect(lines).toHaveLength(10);
    expect(lines.at(-1)).toBe("::warning::16 more are in the job's summary.");
    for (const line of lines) expect(line.split('::')[2]?.length).toBeLessThanOrEqual(4_096);
  });

  test('whatever a finding says, it stays one command on one line', () => {
    fc.assert(
      fc.property(hostile, hostile, (one, other) => {
        const [line = '', ...rest] = annotated({
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

test('a command escapes what would end it or begin another', () => {
  expect(command('error', '100%\r\n::stop::', { file: 'a,b:c%', line: 3, title: undefined })).toBe(
    '::error file=a%2Cb%3Ac%25,line=3::100%25%0D%0A::stop::',
  );
});
