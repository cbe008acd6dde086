import type { KeyTable } from '../document/index.js';

/* Keys of Compose files that have no counterpart here, and the sentence that answers each. */

const OF_CONTAINERS =
  'leave it out: Compose starts containers with it, and here images are built, tested and published';

/** Those beside `build` in a service. */
export const containerKeys: KeyTable = {
  command: {
    refused: 'set CMD in the Dockerfile; what a test runs is "run" in an item of "tests"',
  },
  container_name: { refused: OF_CONTAINERS },
  depends_on: { refused: OF_CONTAINERS },
  deploy: { refused: OF_CONTAINERS },
  entrypoint: {
    refused: 'set ENTRYPOINT in the Dockerfile; what a test runs is "run" in an item of "tests"',
  },
  env_file: { refused: OF_CONTAINERS },
  environment: {
    refused:
      'set ENV in the Dockerfile; variables of a test are "env" in an item of "tests", and those of the build "args" under "build"',
  },
  healthcheck: {
    refused: 'set HEALTHCHECK in the Dockerfile; a test is an item of "tests"',
  },
  networks: { refused: OF_CONTAINERS },
  ports: { refused: OF_CONTAINERS },
  restart: { refused: OF_CONTAINERS },
  volumes: { refused: `${OF_CONTAINERS}; files of a test are "mounts" in an item of "tests"` },
};

/** Those of the file itself. */
export const projectKeys: KeyTable = {
  configs: { refused: OF_CONTAINERS },
  networks: { refused: OF_CONTAINERS },
  secrets: {
    refused:
      'write each one under "build" of the image that it is for, as { id: NAME, env: VARIABLE } or { id: NAME, file: PATH } in "secrets"',
  },
  services: { refused: 'this is a Compose file’s key; list images under "images"' },
  version: { refused: 'the file needs no version' },
  volumes: { refused: OF_CONTAINERS },
};
