const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const { main } = await import('./index.js');
await main();
