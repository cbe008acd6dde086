const { enableCompileCache } = await import('node:module');
enableCompileCache?.();
const { post } = await import('./index.js');
await post();
