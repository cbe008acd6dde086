import { join } from 'node:path';
import type { PackTools } from '../build/index.js';
import { hasRoad, providePack, proxiesFor } from '../builder/index.js';
import { createImageReader } from '../buildpacks/index.js';
import { createUndo, removeIfPulled } from '../cleanup/index.js';
import {
  contextHost,
  dockerEngine,
  dockerNetworks,
  EngineError,
  USUAL_HOST,
} from '../engine/index.js';
import { builtBy, type Plan } from '../evidence/index.js';
import type { Ports } from '../ports/index.js';
import { dockerProxies, pushedTo } from '../preflight/index.js';
import { loginKey } from '../reference/index.js';
import {
  anonymous,
  type Credential,
  type Credentials,
  createRegistryClient,
} from '../registry/index.js';
import { defined } from '../types/index.js';
import { buildpackRegistries } from './buildpack-registries.js';
import type { RunContext } from './context.js';
import { repositoryOf } from './loaded-names.js';
import type { PackSetup } from './pack-setup.js';

type PackNeeds = Pick<RunContext, 'options' | 'ports' | 'identity' | 'environment' | 'background'>;

function authOf(credential: Credential) {
  switch (credential.kind) {
    case 'basic': {
      const { username, password } = credential;
      return { auth: Buffer.from(`${username}:${password}`).toString('base64') };
    }
    case 'identity-token':
      return { identitytoken: credential.token };
    case 'registry-token':
      return { registrytoken: credential.token };
    default:
      return undefined;
  }
}

/**
 * Logins of the registries that are read from and not pushed to: a login that can push
 * is in no container, and with a builder that is trusted pack hands logins to it.
 */
async function readLogins(plan: Plan, untrusted: boolean, credentials: Credentials) {
  const pushed = pushedTo(plan);
  const registries = [...buildpackRegistries(plan)].filter(
    (host) => !untrusted && !pushed.has(host),
  );
  const found = registries.map(async (registry) => {
    // A credential helper that fails is reported with the registries; the pull may do without.
    const credential = await credentials(registry).catch(() => undefined);
    const auth = credential && authOf(credential);
    return auth === undefined ? [] : [[loginKey(registry), auth] as const];
  });
  return Object.fromEntries((await Promise.all(found)).flat());
}

/** Hosts that are asked for Docker Hub's images before itself. */
export function mirrorHosts({ mirrors }: Pick<RunContext['environment']['facts'], 'mirrors'>) {
  return mirrors.flatMap((url) => (URL.canParse(url) ? [new URL(url).host] : []));
}

/** Why builds with buildpacks cannot reach their registry on this engine, as far as that is known before. */
async function refusalOf({ facts, sharesLoopback }: RunContext['environment']) {
  if (facts.rootless) {
    return 'Images from buildpacks cannot be built on a rootless engine: its networks have no address on this machine, where the registry of the build is. Use an engine that is not rootless.';
  }
  if ((await sharesLoopback()) === 'no') {
    return 'Images from buildpacks cannot be built on an engine of another machine: the registry of the build is on this one. Use an engine of this machine.';
  }
  return undefined;
}

async function writeConfig(folder: string, auths: object, { files }: Pick<Ports, 'files'>) {
  const dockerConfig = await files.makeTemporary('pack-docker-', folder);
  await files.write(join(dockerConfig, 'config.json'), JSON.stringify({ auths }), 0o600);
  return dockerConfig;
}

const LIFECYCLE = 'docker.io/buildpacksio/lifecycle';

/** The image that pack itself would take by its tag, by digest. */
function lifecycleReader({ options, identity, environment }: PackNeeds): PackTools['lifecycle'] {
  const mirrors = mirrorHosts(environment.facts);
  const reader = createImageReader({ client: identity.client, mirrors, signal: options.signal });
  return async (version, platform) => {
    const reference = `${LIFECYCLE}:${version}`;
    const { value, findings } = await reader.read('The image', reference, [platform]);
    const digest = value?.images[0]?.digest;
    if (digest !== undefined) return `${LIFECYCLE}@${digest}`;
    const message = `${findings?.[0]?.message} pack takes the lifecycle from there, so that buildpacks share no container with the login for the run image.`;
    throw new EngineError('failed', message, '');
  };
}

/** Brings pack, and what its builds have in common. Rejects with `EngineError`. */
export async function preparePack(opened: PackNeeds): Promise<PackSetup | undefined> {
  const { options, ports, identity, environment, background } = opened;
  const { planned, request, folder, record, signal } = options;
  const { plan } = planned;
  if (builtBy(plan.images, 'buildpack').length === 0) return undefined;
  const { untrusted } = request.trust;
  const { facts } = environment;
  const { env } = ports;
  // Of the context "default", the docker client takes DOCKER_HOST, if it is set.
  const host =
    facts.context === 'default' ? Promise.resolve(undefined) : contextHost(facts.context, ports);
  const [pack, auths, refusal, engineHost, ofClient] = await Promise.all([
    providePack({ options: request.pack ?? {}, folder }, ports, signal),
    readLogins(plan, untrusted, identity.credentials),
    refusalOf(environment),
    host,
    host.then((there) => dockerProxies(there ?? (env.DOCKER_HOST || USUAL_HOST), ports)),
  ]);
  const { http, clock, resolve, files } = ports;
  const undo = createUndo();
  const engine = dockerEngine(ports);
  const removal = { engine, ports, record, undo };
  const told = new Map<string, Promise<void>>();
  const owner = repositoryOf(ports.env, planned.source) ?? request.root;
  return {
    tools: {
      file: pack.file,
      files,
      networks: dockerNetworks(ports),
      engine,
      labels: record.labels,
      folder,
      client: createRegistryClient({ http, clock, resolve, credentials: anonymous }),
      cacheClient: untrusted ? identity.anonymous : identity.client,
      dockerConfig: await writeConfig(folder, auths, ports),
      untrusted,
      // Docker's client gives its own to every container; else they are those of other builds.
      proxies: hasRoad(ofClient) ? ofClient : proxiesFor(ports.env, facts.proxies, [], false),
      logins: auths,
      lifecycle: lifecycleReader(opened),
      later: (work) => background.add(work),
      willPull(reference) {
        const asked = told.get(reference) ?? removeIfPulled({ image: reference }, removal);
        told.set(reference, asked);
        return asked;
      },
      ...defined({ engineHost, refusal }),
    },
    cacheOf: (image, platform) => ({ owner, image, platform, untrusted }),
    undo,
  };
}
