import type { CommandOutput, Ports } from '../../ports/index.js';
import { EngineError } from '../errors.js';
import { docker } from './client.js';

/** A container or a volume, and the texts that were asked for, in that order. */
type OutputRow = readonly unknown[];

/** A container that is on a network. */
export interface OnNetwork {
  readonly id: string;
  /** As it was named when the container was made. */
  readonly image: string;
  /** Its label `author`. */
  readonly author: string;
  /** The volumes that it has mounted, by their names. */
  readonly volumes: readonly string[];
}

/**
 * What a cleaning needs of an engine: to find things by their names, whichever run made
 * them, and to remove them. What another process has removed meanwhile is no error.
 * Patterns are those of docker's filter of that name.
 */
export interface Housekeeping {
  /** All containers of such a name, running or not. */
  containers(pattern: string): Promise<readonly { readonly id: string; readonly name: string }[]>;
  /**
   * What a buildx that was killed has left of looking for a graphics card: a container of
   * BuildKit's image without a name of its own, that was to run /bin/true and was never
   * started (buildx, driver/docker-container). Not those that are older than `since`.
   */
  cardProbes(image: string, since: Date): Promise<readonly string[]>;
  /** `volumes`: the anonymous ones with them. */
  removeContainers(ids: readonly string[], volumes: boolean): Promise<void>;
  networks(pattern: string): Promise<readonly string[]>;
  /** The containers on a network of exactly that name, running or not. */
  onNetwork(network: string): Promise<readonly OnNetwork[]>;
  removeNetworks(names: readonly string[]): Promise<void>;
  volumes(pattern: string): Promise<readonly string[]>;
  removeVolumes(names: readonly string[]): Promise<void>;
  /** The names of images that a reference matches. */
  images(reference: string): Promise<readonly string[]>;
  /** Takes the name away; an image that a container uses stays. */
  removeImage(image: string): Promise<'removed' | 'gone' | 'used'>;
}

/** What things of runs say of themselves. Never rejects: an engine that does not answer shows nothing. */
export interface Sightings {
  /** By a name's pattern: names, the labels, and when the container was made. */
  containers(pattern: string, labels: readonly string[]): Promise<readonly OutputRow[]>;
  /** By a name's pattern: `/NAME`, when the container was made, and its variables. */
  variables(pattern: string): Promise<readonly OutputRow[]>;
  /** By a name's pattern: names, the labels, and when the network was made. */
  networks(pattern: string, labels: readonly string[]): Promise<readonly OutputRow[]>;
  /** By a name's pattern: names, and when the volume was made. */
  volumes(pattern: string): Promise<readonly OutputRow[]>;
  /** By a reference: names of images. */
  images(reference: string): Promise<readonly string[]>;
  /** The labels of an image, and when it got its last name. */
  image(name: string, labels: readonly string[]): Promise<OutputRow>;
}

type Client = Pick<Ports, 'exec' | 'env'>;

const linesOf = (stdout: string) => stdout.split('\n').filter((line) => line !== '');

const IMAGE_NAMES = ['images', '--format', '{{.Repository}}:{{.Tag}}'];

/** Why a client said nothing. */
function silence({ notStarted, signal }: CommandOutput): string {
  return notStarted ?? (signal === null ? 'no output' : `no answer before ${signal} came`);
}

function onNetworkIn(line: string): OnNetwork {
  const [id, image, labels, mounts] = JSON.parse(line) as readonly [
    string,
    string,
    { readonly author?: string } | null,
    readonly { readonly Type: string; readonly Name?: string }[] | null,
  ];
  const volumes = (mounts ?? []).filter(({ Type }) => Type === 'volume');
  return {
    id,
    image,
    author: labels?.author ?? '',
    volumes: volumes.flatMap(({ Name }) => Name ?? []),
  };
}

/** Finds and removes things through the docker client; rejects with `EngineError`. */
export function dockerHousekeeping(client: Client): Housekeeping {
  async function ask(args: readonly string[]): Promise<readonly string[]> {
    const output = await docker(client, args);
    if (output.code === 0) return linesOf(output.stdout);
    const said = output.stderr.trim().slice(0, 2000) || silence(output);
    throw new EngineError('failed', `docker ${args.slice(0, 2).join(' ')} failed: ${said}`, said);
  }

  async function remove(args: readonly string[], names: readonly string[]): Promise<void> {
    if (names.length === 0) return;
    const output = await docker(client, [...args, ...names]);
    const lines = output.stderr.split('\n').filter((line) => line.trim() !== '');
    const said = lines.filter((line) => !/no such|is already in progress/i.test(line)).join('\n');
    if (output.code !== 0 && (said !== '' || output.signal !== null)) {
      const why = said.slice(0, 2000) || silence(output);
      throw new EngineError('failed', `docker ${args[0]} failed: ${why}`, said);
    }
  }

  return {
    async containers(pattern) {
      const format = ['--format', '{{.ID}} {{.Names}}'];
      const args = ['ps', '--all', '--no-trunc', '--filter', `name=${pattern}`, ...format];
      const found = (await ask(args)).map((line) => line.split(' '));
      return found.map(([id = '', name = '']) => ({ id, name }));
    },
    async cardProbes(image, since) {
      const filters = ['--filter', 'status=created', '--filter', `ancestor=${image}`];
      const ids = await ask(['ps', '--all', '--quiet', '--no-trunc', ...filters]);
      if (ids.length === 0) return [];
      const format =
        '[{{json .ID}},{{json .Created}},{{json .Config.Entrypoint}},{{json .HostConfig.AutoRemove}}]';
      const lines = await ask(['container', 'inspect', '--format', format, ...ids]);
      return lines.flatMap((line) => {
        const [id, created, entrypoint, goes] = JSON.parse(line) as readonly [
          string,
          string,
          readonly string[] | null,
          boolean,
        ];
        const isProbe = goes && entrypoint?.join(' ') === '/bin/true';
        return isProbe && Date.parse(created) >= since.getTime() ? [id] : [];
      });
    },
    removeContainers: (ids, volumes) =>
      remove(['rm', '--force', ...(volumes ? ['--volumes'] : [])], ids),
    networks: (pattern) =>
      ask(['network', 'ls', '--format', '{{.Name}}', '--filter', `name=${pattern}`]),
    async onNetwork(network) {
      const list = ['ps', '--all', '--quiet', '--no-trunc', '--filter', `network=${network}`];
      const ids = await ask(list);
      if (ids.length === 0) return [];
      const format =
        '[{{json .ID}},{{json .Config.Image}},{{json .Config.Labels}},{{json .Mounts}}]';
      const lines = await ask(['container', 'inspect', '--format', format, ...ids]);
      return lines.map(onNetworkIn);
    },
    removeNetworks: (names) => remove(['network', 'rm'], names),
    volumes: (pattern) => ask(['volume', 'ls', '--quiet', '--filter', `name=${pattern}`]),
    removeVolumes: (names) => remove(['volume', 'rm'], names),
    images: (reference) => ask([...IMAGE_NAMES, '--filter', `reference=${reference}`]),
    async removeImage(image) {
      const { code, stderr } = await docker(client, ['image', 'rm', image]);
      if (code === 0) return 'removed';
      if (/no such image/i.test(stderr)) return 'gone';
      if (/is being used|is using|has dependent/i.test(stderr)) return 'used';
      throw new EngineError('failed', `docker image rm failed: ${stderr.trim()}`, stderr);
    },
  };
}

function rowIn(line: string): OutputRow {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

/** Looks through the docker client, which is asked for JSON: texts that others wrote cannot break it. */
export function dockerSightings(client: Client): Sightings {
  async function ask(args: readonly string[]): Promise<readonly string[]> {
    const { code, stdout } = await docker(client, args).catch(() => ({ code: 1, stdout: '' }));
    return code === 0 ? linesOf(stdout) : [];
  }

  async function rows(
    [command = '', verb = '', ...args]: readonly string[],
    fields: readonly string[],
  ): Promise<readonly OutputRow[]> {
    const format = `[${fields.map((field) => `{{json ${field}}}`).join(',')}]`;
    const lines = await ask([command, verb, '--format', format, ...args]);
    return lines.map(rowIn).filter((row) => row.length > 0);
  }

  return {
    containers(pattern, labels) {
      const fields = ['.Names', ...labels.map((name) => `(.Label "${name}")`), '.CreatedAt'];
      return rows(['ps', '--all', '--filter', `name=${pattern}`], fields);
    },
    networks(pattern, labels) {
      const fields = ['.Name', ...labels.map((name) => `(.Label "${name}")`), '.CreatedAt'];
      return rows(['network', 'ls', '--filter', `name=${pattern}`], fields);
    },
    async variables(pattern) {
      const list = ['ps', '--all', '--quiet', '--no-trunc', '--filter', `name=${pattern}`];
      const ids = await ask(list);
      if (ids.length === 0) return [];
      return rows(['container', 'inspect', ...ids], ['.Name', '.Created', '.Config.Env']);
    },
    async volumes(pattern) {
      const names = await ask(['volume', 'ls', '--quiet', '--filter', `name=${pattern}`]);
      if (names.length === 0) return [];
      return rows(['volume', 'inspect', ...names], ['.Name', '.CreatedAt']);
    },
    images: (reference) =>
      ask(['images', '--filter', `reference=${reference}`, ...IMAGE_NAMES.slice(1)]),
    async image(name, labels) {
      const fields = labels.map((label) => `(index .Config.Labels "${label}")`);
      const [row = []] = await rows(
        ['image', 'inspect', name],
        [...fields, '.Metadata.LastTagTime'],
      );
      return row;
    },
  };
}
