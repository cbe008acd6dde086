/** A part of a disk that is kept for one image. */
export interface Berth {
  /** The image is there: what it takes is gone from the free space by now. */
  landed(): void;
  /** The image is gone again. */
  release(): void;
}

/** Shares a disk between images: first come, first served. */
export interface Space {
  /** Waits until `need` bytes fit beside what is there and what is still to come. Never rejects. */
  reserve(need: number): Promise<Berth>;
  /** When it became scarce, from which on nothing may stay longer than it is needed. Never rejects. */
  readonly scarce: Promise<void>;
}

/** Bytes that are left to the builds beside us before a disk counts as scarce. */
const SPARE = 5 * 1024 ** 3;

interface Place {
  readonly need: number;
  landed: boolean;
}

/**
 * Lets images onto a disk as long as there is room, and one after the other where
 * there is not. `free` answers the bytes that are free now, or undefined where
 * nobody can say; then all may come, and it counts as scarce. One by itself always may: if it does not fit,
 * who writes it will say so.
 */
export function createSpace(free: () => Promise<number | undefined>): Space {
  const places = new Set<Place>();
  let turn = Promise.resolve();
  let change = Promise.withResolvers<void>();
  const scarcity = Promise.withResolvers<void>();

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  async function fits(need: number): Promise<boolean> {
    const bytes = await free().catch(() => undefined);
    const coming = [...places].filter(({ landed }) => !landed);
    const taken = coming.reduce((sum, place) => sum + place.need, need);
    if (bytes === undefined || bytes - taken < SPARE) scarcity.resolve();
    return places.size === 0 || bytes === undefined || taken <= bytes;
  }

  async function enter(need: number): Promise<Berth> {
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
    scarce: scarcity.promise,
  };
}
