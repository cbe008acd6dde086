import type { ImageConfig } from '../../src/oci/index.js';
import { elf, type File } from '../checks/inspected.js';

export const LABEL = 'io.buildpacks.build.metadata';

/** The label as the lifecycle writes it. */
export function metadata(more: object = {}): string {
  return JSON.stringify({
    buildpacks: [
      { id: 'heroku/python', version: '0.25.0' },
      { id: 'heroku/procfile', version: '4.0.0' },
    ],
    launcher: { version: '0.21.17' },
    processes: [
      { type: 'web', command: ['gunicorn'], args: ['app:app'], direct: true },
      { type: 'worker', command: ['python worker.py'], direct: false },
    ],
    ...more,
  });
}

/** What the lifecycle remembers for the next build; the run image brought the first layer. */
export const LIFECYCLE = {
  'io.buildpacks.lifecycle.metadata': JSON.stringify({
    runImage: {
      topLayer: `sha256:${'1'.repeat(64)}`,
      image: 'heroku/heroku:24',
      reference: `heroku/heroku@sha256:${'2'.repeat(64)}`,
    },
  }),
};

/** The configuration of an image from buildpacks for linux/arm64. */
export function appConfig(more: Partial<ImageConfig> = {}): ImageConfig {
  return {
    os: 'linux',
    architecture: 'arm64',
    entrypoint: ['/cnb/process/web'],
    command: [],
    shell: [],
    env: [
      'PATH=/cnb/process:/cnb/lifecycle:/usr/bin:/bin',
      'CNB_LAYERS_DIR=/layers',
      'CNB_APP_DIR=/workspace',
      'CNB_PLATFORM_API=0.15',
    ],
    user: '1000:1000',
    workdir: '/workspace',
    labels: new Map(Object.entries({ [LABEL]: metadata(), ...LIFECYCLE })),
    diffIds: [`sha256:${'1'.repeat(64)}`],
    history: [],
    ...more,
  };
}

/** The launcher, which is a Go program, and the links by which it starts process types. */
export function launcherFiles(architecture: 'amd64' | 'arm64'): readonly File[] {
  const path = 'github.com/buildpacks/lifecycle/cmd/launcher';
  const go = { toolchain: 'go1.26', path, settings: {} };
  return [
    { path: 'cnb/lifecycle/launcher', program: elf(architecture, { go }) },
    { path: 'cnb/process/web', link: '/cnb/lifecycle/launcher' },
    { path: 'cnb/process/worker', link: '/cnb/lifecycle/launcher' },
  ];
}
