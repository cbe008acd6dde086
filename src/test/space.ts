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
}

interface Place {
  readonly need: number;
  landed: boolean;
}

/**
 * Lets images onto a disk as long as there is room, and one after the other where
 * there is not. `free` answers the bytes that are free now, or undefined where
 * nobody can say; then all may come. One by itself always may: if it does not fit,
 * who writes it will say so.
 */
export function createSpace(free: () => Promise<number | undefined>): Space {
  const places = new Set<Place>();
  let turn = Promise.resolve();
  let change = Promise.withResolvers<void>();

  function changed(): void {
    change.resolve();
    change = Promise.withResolvers();
  }

  async function fits(need: number): Promise<boolean> {
    if (places.size === 0) return true;
    const bytes = await free().catch(() => undefined);
    if (bytes === undefined) return true;
    const coming = [...places].filter(({ landed }) => !landed);
    return coming.reduce((sum, place) => sum + place.need, need) <= bytes;
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
  };
}
