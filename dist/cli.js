#!/usr/bin/env node
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 15)) {
  console.error(`sea-trial needs Node 22.15 or later; this is ${process.versions.node}.`);
  process.exit(2);
}
const { enableCompileCache } = await import('node:module');
const { setFlagsFromString } = await import('node:v8');
const { existsSync } = await import('node:fs');
setFlagsFromString('--semi-space-growth-factor=1');
const { HOME, XDG_CACHE_HOME: kept } = process.env;
if (existsSync(kept || HOME || '')) enableCompileCache?.((kept || HOME + '/.cache') + '/sea-trial/node');
const { cli } = await import('./index.js');
try {
  await cli();
} catch (error) {
  console.error('sea-trial itself failed; please report this:', error);
  process.exitCode = 3;
}
