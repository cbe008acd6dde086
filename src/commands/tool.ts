import manifest from '../../package.json' with { type: 'json' };

/** This program, as the evidence names it. */
export const tool = { name: manifest.name, version: manifest.version };
