/** What dist/'s doors call; one bundle holds them all. */
export { cli } from './cli.js';
