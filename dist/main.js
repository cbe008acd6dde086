const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const { main } = await import('./index.js');
try {
  await main();
} catch (error) {
  console.error('sea-trial itself failed; please report this:', error);
  process.exitCode = 3;
}
