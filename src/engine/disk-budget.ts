/** The part of a disk that is reserved for one image. */
export interface Reservation {
  /** The image is loaded: what it occupies is no longer part of the free space. */
  landed(): void;
  /** The image is removed. */
  release(): void;
}

/** Shares the engine's disk between images, first come, first served. */
export interface DiskBudget {
  /** Waits until `need` bytes fit beside what is loaded and what is still reserved. Never rejects. */
  reserve(need: number): Promise<Reservation>;
  /**
   * Waits until `others` are over, or until space is scarce; from then on, what is not
   * needed must go at once. Never rejects.
   */
  untilOver(others: Promise<void>): Promise<void>;
}

/** Space is scarce below this many free bytes, or below this share of what was free at first. */
const SPARE = { bytes: 5 * 1024 ** 3, share: 0.8 };

interface Reserved {
  readonly need: number;
  landed: boolean;
}

/**
 * Admits images while they fit, and one after the other where they do not. `free`
 * answers the free bytes, or undefined where that is not known; then all are admitted
 * and space counts as scarce. An image is always admitted when it is the only one: if
 * it does not fit, the engine's own error says so.
 */
export function createDiskBudget(free: () => Promise<number | undefined>): DiskBudget {
  const reserved = new Set<Reserved>();
  let turn = Promise.resolve();
  let change = Promise.withResolvers<void>();
  const scarcity = Promise.withResolvers<void>();
  let first: number | undefined;

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  /** Free bytes less `need` and all that is reserved and not loaded yet. */
  async function left(need: number): Promise<number | undefined> {
    const bytes = await free().catch(() => undefined);
    first ??= bytes;
    const coming = [...reserved].filter(({ landed }) => !landed);
    const taken = coming.reduce((sum, one) => sum + one.need, need);
    const rest = bytes === undefined ? undefined : bytes - taken;
    if (rest === undefined || rest < Math.max(SPARE.bytes, SPARE.share * (first ?? 0))) {
      scarcity.resolve();
    }
    return rest;
  }

  async function fits(need: number): Promise<boolean> {
    return ((await left(need)) ?? 0) >= 0 || reserved.size === 0;
  }

  async function enter(need: number): Promise<Reservation> {
    for (;;) {
      // Read before the question, so that a change in the meantime is not missed.
      const next = change.promise;
      if (await fits(need)) break;
      await next;
    }
    const own: Reserved = { need, landed: false };
    reserved.add(own);
    return {
      landed() {
        own.landed = true;
        changed();
      },
      release() {
        reserved.delete(own);
        changed();
      },
    };
  }

  return {
    reserve(need) {
      const entered = turn.then(() => enter(need));
      turn = entered.then(() => {});
      return entered;
    },
    async untilOver(others) {
      // All that wait for the same end go on in the same moment, so that they go together.
      await Promise.race([others, left(0).then(() => scarcity.promise)]);
    },
  };
}
