import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { afterwards, command, distribution, rig } from './rig.js';

/** The builder of scripts/rig/buildpacks.sh in a registry of a test's own. */
export interface BuilderRegistry {
  /** `127.0.0.1:PORT` */
  readonly host: string;
  /** References with the digest of an index of linux/amd64 and linux/arm64. */
  readonly builder: string;
  readonly runImage: string;
}

/** Pushes the builder and its run image to a registry that is there for this file's tests. */
export async function builderRegistry(): Promise<BuilderRegistry> {
  const layouts = rig.get('SEA_TRIAL_BUILDPACKS');
  if (layouts === undefined) throw new Error('there is no builder: run npm run setup');
  const host = await distribution();
  const push = async (name: string) => {
    const reference = await command('crane', ['push', join(layouts, name), `${host}/${name}:1`]);
    return reference.trim();
  };
  const [builder, runImage] = await Promise.all([push('builder'), push('run')]);
  return { host, builder, runImage };
}

/** A network of the engine whose containers reach one registry of this machine's, and not its loopback. */
export interface BuildNetwork {
  readonly name: string;
  /** `GATEWAY:PORT`: the registry, for these containers and for this machine. */
  readonly host: string;
}

/** Makes a network, and lets its gateway pass on what comes for a registry on the loopback. */
export async function buildNetwork(registry: string): Promise<BuildNetwork> {
  const name = `sea-trial-test-${process.pid}`;
  await command('docker', ['network', 'create', name]);
  afterwards(() => command('docker', ['network', 'rm', name]));
  const gateway = '{{(index .IPAM.Config 0).Gateway}}';
  const address = (await command('docker', ['network', 'inspect', '-f', gateway, name])).trim();
  const [to, port] = registry.split(':');
  const server = createServer((client) => {
    const upstream = connect(Number(port), to);
    for (const [from, into] of [
      [client, upstream],
      [upstream, client],
    ] as const) {
      from.on('error', () => into.destroy()).pipe(into);
    }
  });
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  afterwards(() => new Promise((resolve) => server.close(resolve)));
  const listened = server.address();
  if (listened === null || typeof listened === 'string') throw new Error('it does not listen');
  return { name, host: `${address}:${listened.port}` };
}
