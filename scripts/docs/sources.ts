import { registerHooks } from 'node:module';

/*
 * Lets the scripts here read the tables in src/ without a build: node takes the
 * types away by itself, but does not know that `.js` in an import is a `.ts` file.
 */
registerHooks({
  resolve(specifier, context, next) {
    const own = specifier.startsWith('.') && context.parentURL?.includes('/src/') === true;
    return next(own ? specifier.replace(/\.js$/, '.ts') : specifier, context);
  },
});

export const config = await import('../../src/config/index.ts');
export const kinds = await import('../../src/kinds/index.ts');
export const evidence = await import('../../src/evidence/index.ts');
export const schema = await import('../../src/evidence/schema.ts');
export const parity = await import('../../src/parity/index.ts');
export const checks = await import('../../src/checks/index.ts');
export const { commands } = await import('../../src/commands/table.ts');
