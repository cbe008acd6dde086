/** What has to be undone. */
export interface Undo {
  add(step: () => Promise<void>): void;
  /**
   * Takes the steps, last in first out. One that fails does not keep the others
   * from their turn, is kept for another try, and its error is passed on.
   */
  run(): Promise<void>;
}

/** An empty list of steps. */
export function createUndo(): Undo {
  const steps: (() => Promise<void>)[] = [];
  return {
    add(step) {
      steps.push(step);
    },
    async run() {
      const problems: unknown[] = [];
      for (const step of steps.splice(0).reverse()) {
        try {
          await step();
        } catch (problem) {
          problems.push(problem);
          steps.unshift(step);
        }
      }
      if (problems.length > 0) throw problems[0];
    },
  };
}
