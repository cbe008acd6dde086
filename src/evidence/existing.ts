/** What a run may do with a tag that is there before it. */
export const EXISTING = ['replace', 'same', 'fail'] as const;

export type Existing = (typeof EXISTING)[number];
