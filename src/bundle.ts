/** The three doors of dist/ open onto one bundle. */
export { cli } from './cli.js';
export { main } from './main.js';
export { post } from './post.js';
