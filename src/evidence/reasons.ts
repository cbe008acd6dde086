/** Why something was not done, where several stages say it in the same words. */
export const INTERRUPTED = 'the run was interrupted';
