const { enableCompileCache } = await import('node:module');
const { setFlagsFromString } = await import('node:v8');
const { existsSync } = await import('node:fs');
setFlagsFromString('--semi-space-growth-factor=1');
const { HOME, XDG_CACHE_HOME: kept } = process.env;
if (existsSync(kept || HOME || '')) enableCompileCache?.((kept || HOME + '/.cache') + '/sea-trial/node');
const { main } = await import('./index.js');
try {
  await main();
} catch (error) {
  console.error('sea-trial itself failed; please report this:', error);
  process.exitCode = 3;
}
