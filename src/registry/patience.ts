/** Milliseconds for a request without content: a registry that takes longer will not answer soon. */
export const PATIENCE = 10_000;
