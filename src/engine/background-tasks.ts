/** Work that goes on beside a run and is awaited at its end: removing what tests have used. */
export interface BackgroundTasks {
  add(work: Promise<void>): void;
  /** When all of it has ended: what went wrong. */
  settled(): Promise<readonly unknown[]>;
}

/** No tasks yet. */
export function createBackgroundTasks(): BackgroundTasks {
  const under = new Set<Promise<void>>();
  const problems: unknown[] = [];
  return {
    add(work) {
      const ended = work
        .catch((problem: unknown) => {
          problems.push(problem);
        })
        .finally(() => under.delete(ended));
      under.add(ended);
    },
    async settled() {
      while (under.size > 0) await Promise.all(under);
      return problems;
    },
  };
}
