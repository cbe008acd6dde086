/** Channels of a deployment that offers more than one builder. */
export const CHANNELS = ['default', 'latest', 'deprecated'] as const;

export type Channel = (typeof CHANNELS)[number];
