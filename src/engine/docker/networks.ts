import type { Ports } from '../../ports/index.js';
import { EngineError } from '../errors.js';
import { networkOptions } from '../run-name.js';
import { type ClientPorts, docker, failure } from './client.js';
import { dockerHousekeeping, type Housekeeping } from './housekeeping.js';

/** A bridge network of the engine, for one build. */
export interface BuildNetwork {
  readonly name: string;
  /** The engine's own IPv4 address on it; undefined where it has none. */
  readonly gateway?: string;
}

/** An image by its reference with digest, and what it is pulled with. */
export interface PulledImage {
  readonly reference: string;
  readonly platform: string;
  /** The folder of the docker configuration. */
  readonly dockerConfig: string;
}

/** Networks, volumes and images that builds need beside their containers. Rejects with `EngineError`. */
export interface BuildNetworks {
  /** Makes a network whose name shows its run. */
  create(labels: Readonly<Record<string, string>>): Promise<BuildNetwork>;
  /** Removes a network with what pack left on it; answers how many things that were. */
  remove(name: string): Promise<number>;
  /** Makes a volume unless there is one of that name. */
  makeVolume(name: string, labels: Readonly<Record<string, string>>): Promise<void>;
  removeVolume(name: string): Promise<void>;
  /** Brings an image of one platform, with the logins of a docker configuration; rejects with the signal's reason, too. */
  pull(image: PulledImage, signal?: AbortSignal): Promise<void>;
}

/** What pack calls the volumes of one build; they have no labels (internal/build/lifecycle_execution.go). */
const PACK_VOLUME = /^pack-(?:app|layers)-[a-z]{10}$/;

/** Matches them, among others, for docker's filter `name`. */
export const PACK_VOLUMES = '^pack-(app|layers)-[a-z]{10}$';

/** What pack calls the image that it makes of a builder for one build. */
const PACK_IMAGE = /^pack\.local\//;

/** Matches them for docker's filter `reference`. */
export const PACK_IMAGES = 'pack.local/*/*';

/** How often what pack is removing is looked at again, and after how many milliseconds. */
const TRIES = 20;
const PAUSE = 250;

/**
 * Removes a network of a build with everything that is on it and pack's: its containers,
 * the volumes that these have mounted, the images that they were made from. A volume of
 * the build's caches that has the network's name in its own goes, too. Answers how many
 * things are gone.
 */
export async function removeBuildNetwork(
  name: string,
  engine: Housekeeping,
  clock: Pick<Ports['clock'], 'sleep'>,
): Promise<number> {
  for (let left = TRIES; ; left -= 1) {
    try {
      return await removeOnce(name, engine);
    } catch (error) {
      // A container that pack itself is removing in that moment is still on it.
      const isBusy = error instanceof EngineError && /active endpoints|in use/i.test(error.said);
      if (left === 0 || !isBusy) throw error;
      await clock.sleep(PAUSE);
    }
  }
}

async function removeOnce(name: string, engine: Housekeeping): Promise<number> {
  const found = await engine.onNetwork(name);
  const ofPack = found.filter(({ author }) => author === 'pack');
  const volumes = ofPack.flatMap((one) => one.volumes).filter((one) => PACK_VOLUME.test(one));
  const images = ofPack.map(({ image }) => image).filter((image) => PACK_IMAGE.test(image));
  await engine.removeContainers(
    ofPack.map(({ id }) => id),
    true,
  );
  const named = (await engine.volumes(`pack-cache-.*${name}`)).filter((one) => one.includes(name));
  const gone = [...new Set([...volumes, ...named])];
  await engine.removeVolumes(gone);
  for (const image of new Set(images)) await engine.removeImage(image);
  await engine.removeNetworks([name]);
  return ofPack.length + gone.length + 1;
}

/** The networks of builds through the docker client. What was begun is finished in spite of an interruption. */
export function dockerNetworks(ports: ClientPorts & Pick<Ports, 'clock'>): BuildNetworks {
  const housekeeping = dockerHousekeeping(ports);

  async function ask(doing: string, args: readonly string[]): Promise<string> {
    const { code, stdout, stderr, notStarted } = await docker(ports, args);
    if (code === 0) return stdout.trim();
    throw failure(`The Docker engine could not ${doing}.`, notStarted ?? stderr);
  }

  return {
    async create(labels) {
      const { name, options } = networkOptions(labels);
      await ask('create a network', ['network', 'create', '--driver=bridge', ...options, name]);
      const format = '{{range .IPAM.Config}}{{println .Gateway}}{{end}}';
      const said = await ask('inspect a network', ['network', 'inspect', '--format', format, name]);
      const gateway = said.split('\n').find((line) => /^\d+\.\d+\.\d+\.\d+$/.test(line));
      return gateway === undefined ? { name } : { name, gateway };
    },
    remove: (name) => removeBuildNetwork(name, housekeeping, ports.clock),
    async makeVolume(name, labels) {
      const options = Object.entries(labels).map(([label, value]) => `--label=${label}=${value}`);
      await ask('create a volume', ['volume', 'create', ...options, name]);
    },
    async pull({ reference, platform, dockerConfig }, signal) {
      const env = { ...ports.env, DOCKER_CONFIG: dockerConfig, DOCKER_AUTH_CONFIG: undefined };
      const args = ['pull', '--quiet', `--platform=${platform}`, reference];
      const { code, stderr, notStarted } = await docker({ ...ports, env }, args, signal);
      if (code !== 0) throw failure(`${reference} cannot be pulled.`, notStarted ?? stderr);
    },
    removeVolume: (name) => housekeeping.removeVolumes([name]),
  };
}
