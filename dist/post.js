const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const { post } = await import('./index.js');
try {
  await post();
} catch (error) {
  console.error('sea-trial itself failed; please report this:', error);
  process.exitCode = 3;
}
