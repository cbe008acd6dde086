/**
 * Answers what is asked in one moment, and what comes while a call is under way,
 * with one call each, of at most `most` of them. `all` answers in the order in
 * which it was asked. Where a call for several fails, each is asked about alone,
 * so that one cannot spoil the others' answers.
 */
export function together<T, R>(
  all: (items: readonly T[]) => Promise<readonly R[]>,
  most = 50,
): (item: T) => Promise<R> {
  interface Waiting {
    readonly item: T;
    readonly answer: PromiseWithResolvers<R>;
  }
  const waiting: Waiting[] = [];
  let running = false;

  async function alone({ item, answer }: Waiting): Promise<void> {
    await all([item]).then(([found]) => answer.resolve(found as R), answer.reject);
  }

  async function ask(some: readonly Waiting[]): Promise<void> {
    if (some.length === 1) return Promise.all(some.map(alone)).then(() => {});
    try {
      const answers = await all(some.map(({ item }) => item));
      for (const [at, { answer }] of some.entries()) answer.resolve(answers[at] as R);
    } catch {
      for (const one of some) await alone(one);
    }
  }

  async function run(): Promise<void> {
    running = true;
    // All that is asked in this turn comes with the first.
    await new Promise((resolve) => setImmediate(resolve));
    while (waiting.length > 0) await ask(waiting.splice(0, most));
    running = false;
  }

  return (item) => {
    const answer = Promise.withResolvers<R>();
    waiting.push({ item, answer });
    if (!running) void run();
    return answer.promise;
  };
}
