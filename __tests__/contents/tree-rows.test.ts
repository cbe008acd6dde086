import { describe, expect, test } from '@jest/globals';
import { treeRows } from '../../src/contents/index.js';
import { layer } from '../checks/inspected.js';

describe('trees side by side', () => {
  test('have a row for each path, with what each tree has there', () => {
    const [one, other] = [layer([{ path: 'a' }]), layer([{ path: 'a', size: 0 }, { path: 'b' }])];
    const rows = treeRows([[one], [other]]);
    expect([...(rows ?? [])].map(([path, row]) => [path, row.map((at) => at?.entry.size)])).toEqual(
      [
        ['/a', [100, 0]],
        ['/b', [undefined, 100]],
      ],
    );
  });

  test('are not held where links make their paths long beyond measure', () => {
    const deep = 'x/'.repeat(2000);
    const files = Array.from({ length: 100 }, (_, at) => ({ path: `in/${at}` }));
    const image = [layer([{ path: 'in', link: `${deep}y` }, ...files])];
    expect(treeRows([image], 100_000_000)?.size).toBe(2102);
    expect(treeRows([image], 400_000)).toBeUndefined();
  });
});
