/** A part of a disk that is kept for one image. */
export interface Reservation {
  /** The image is there: what it takes is gone from the free space by now. */
  landed(): void;
  /** The image is gone again. */
  release(): void;
}

/** Shares a disk between images: first come, first served. */
export interface DiskBudget {
  /** Waits until `need` bytes fit beside what is there and what is still to come. Never rejects. */
  reserve(need: number): Promise<Reservation>;
  /**
   * Looks at it again, and waits until `others` are over, or no longer than until it
   * is scarce: from then on nothing may stay that is not needed. Never rejects.
   */
  untilOver(others: Promise<void>): Promise<void>;
}

/** A disk is scarce where fewer bytes are left to builds, or less of what was free at first. */
const SPARE = { bytes: 5 * 1024 ** 3, share: 0.8 };

interface Place {
  readonly need: number;
  landed: boolean;
}

/**
 * Lets images onto a disk as long as there is room, and one after the other where
 * there is not. `free` answers the bytes that are free now, or undefined where
 * nobody can say; then all may come, and it counts as scarce. One by itself always
 * may: if it does not fit, who writes it will say so.
 */
export function createDiskBudget(free: () => Promise<number | undefined>): DiskBudget {
  const places = new Set<Place>();
  let turn = Promise.resolve();
  let change = Promise.withResolvers<void>();
  const scarcity = Promise.withResolvers<void>();
  let first: number | undefined;

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  /** Bytes that are left beside `need` more and all that is still to come. */
  async function left(need: number): Promise<number | undefined> {
    const bytes = await free().catch(() => undefined);
    first ??= bytes;
    const coming = [...places].filter(({ landed }) => !landed);
    const taken = coming.reduce((sum, place) => sum + place.need, need);
    const rest = bytes === undefined ? undefined : bytes - taken;
    if (rest === undefined || rest < Math.max(SPARE.bytes, SPARE.share * (first ?? 0))) {
      scarcity.resolve();
    }
    return rest;
  }

  async function fits(need: number): Promise<boolean> {
    return ((await left(need)) ?? 0) >= 0 || places.size === 0;
  }

  async function enter(need: number): Promise<Reservation> {
    for (;;) {
      // Taken before the question, so that what changes meanwhile is not missed.
      const next = change.promise;
      if (await fits(need)) break;
      await next;
    }
    const place: Place = { need, landed: false };
    places.add(place);
    return {
      landed() {
        place.landed = true;
        changed();
      },
      release() {
        places.delete(place);
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
      // Those that wait for the same end go on in the same moment.
      await Promise.race([others, left(0).then(() => scarcity.promise)]);
    },
  };
}
