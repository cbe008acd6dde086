/** Work that nobody waits for before the end of a run: clearing away what tests have used. */
export interface BackgroundTasks {
  add(work: Promise<void>): void;
  /** When all of it has ended: what went wrong. */
  settled(): Promise<readonly unknown[]>;
}

/** An aside with nothing in it yet. */
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
