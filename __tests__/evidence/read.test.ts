import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { Ajv2020 } from 'ajv/dist/2020.js';
import {
  EVIDENCE_LIMIT,
  formatEvidence,
  parseEvidence,
  readEvidence,
  writeEvidence,
} from '../../src/evidence/index.js';
import { type Files, files } from '../../src/ports/files.js';
import { evidenceOf, failedOnS390x, fleet } from './sample.js';

const directory = await files.makeTemporary('sea-trial-evidence-');
afterAll(() => files.remove(directory));

function problemsOf(text: string): readonly string[] {
  const read = parseEvidence(text, 'evidence.json');
  return 'problems' in read ? read.problems : [];
}

describe('evidence on disk', () => {
  test('comes back as it was written', async () => {
    const path = join(directory, 'evidence.json');
    for (const evidence of [evidenceOf(), failedOnS390x(), fleet()]) {
      await writeEvidence(files, path, evidence);
      expect(await readEvidence(files, path, 'evidence.json')).toEqual({ evidence });
    }
    expect(await files.list(directory)).toEqual(['evidence.json']);
  });

  test('what is not there, is no file or too large is said in words', async () => {
    const absent = await readEvidence(files, join(directory, 'absent.json'), 'absent.json');
    expect(absent).toEqual({ problems: ['absent.json does not exist'] });
    expect(await readEvidence(files, directory, 'here')).toEqual({
      problems: ['here is not a file'],
    });
    const large: Files = {
      ...files,
      look: async () => ({ kind: 'file', size: EVIDENCE_LIMIT + 1, mode: 0o644, modified: 0n }),
    };
    expect(await readEvidence(large, '/large.json', 'large.json')).toEqual({
      problems: [`large.json has ${EVIDENCE_LIMIT + 1} bytes; at most ${EVIDENCE_LIMIT} are read`],
    });
  });

  test('text that is no evidence is refused in one sentence', () => {
    expect(problemsOf('{')[0]).toMatch(/^evidence\.json is not JSON: /);
    for (const text of ['[]', 'null', '3', '{}']) {
      expect(problemsOf(text)).toEqual([
        'evidence.json: schema is missing, expected "sea-trial/evidence/1"; it is no evidence, or another version of this program wrote it',
      ]);
    }
    expect(problemsOf('{"schema":"sea-trial/evidence/2"}')[0]).toMatch(
      'schema is "sea-trial/evidence/2", expected "sea-trial/evidence/1"',
    );
  });

  test('all problems are named, with their places', () => {
    const { run, trials, ...rest } = JSON.parse(formatEvidence(evidenceOf()));
    trials[1].duration = 'long';
    trials[2].built.manifest.digest = 'md5:00';
    const text = JSON.stringify({ ...rest, trials, run: { ...run, attempt: -1 } });
    const problems = problemsOf(text);
    expect(problems).toHaveLength(3);
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^evidence\.json: run\.attempt is -1, expected >=0$/),
        expect.stringMatching(/^evidence\.json: trials\[1\]\.duration is "long", expected number$/),
        expect.stringMatching(
          /^evidence\.json: trials\[2\]\.built\.manifest\.digest is "md5:00", expected /,
        ),
      ]),
    );
  });

  test('a document that is wrong everywhere gives twenty problems and a count', () => {
    const evidence = evidenceOf();
    const findings = Array.from({ length: 100 }, () => ({ code: 1 }));
    const problems = problemsOf(JSON.stringify({ ...evidence, findings }));
    expect(problems).toHaveLength(21);
    expect(problems.at(-1)).toMatch(/^evidence\.json: and \d+ more problems$/);
  });

  test('keys that would reach into objects are dropped', () => {
    const text = formatEvidence(evidenceOf()).replace(
      '"severities": {}',
      '"severities": { "__proto__": "off" }',
    );
    const read = parseEvidence(text, 'evidence.json');
    expect('evidence' in read && Object.keys(read.evidence.plan.severities)).toEqual([]);
  });
});

test('the published JSON Schema takes what is written and refuses what is not evidence', async () => {
  const text = await readFile(
    new URL('../../docs/reference/evidence.schema.json', import.meta.url),
    'utf8',
  );
  const validate = new Ajv2020({ strict: true, validateFormats: false }).compile(JSON.parse(text));
  for (const evidence of [evidenceOf(), failedOnS390x(), fleet()]) {
    expect({ ok: validate(evidence), errors: validate.errors }).toEqual({ ok: true, errors: null });
  }
  expect(validate({ ...evidenceOf(), schema: 'sea-trial/evidence/2' })).toBe(false);
  expect(validate({ ...evidenceOf(), trials: [{}] })).toBe(false);
});
