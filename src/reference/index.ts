export { ATTESTATION_ATTRIBUTES } from './attestation.js';
export { type Attributes, readAttributes, writeAttributes } from './attributes.js';
export { type Cache, isYes, readCaches, writeCache, writtenCache } from './cache.js';
export { CACHE_ATTRIBUTES, judgeCache } from './cache-attributes.js';
export { csvField, quotedField, type Read, readFields } from './csv.js';
export { readLayout } from './layout.js';
export { type DriverOption, readOption, writeOption } from './option.js';
export { readSecret, SECRET_ATTRIBUTES, type Secret, writeSecret } from './secret.js';
export { readSsh, type Ssh, writeSsh } from './ssh.js';
