import type { PlatformBuilder, ResolvedBuilder, ResolvedRunImage } from '../../buildpacks/index.js';
import type { BuildCache, BuildNetworks, Engine } from '../../engine/index.js';
import type { BuildpackImage } from '../../evidence/index.js';
import type { Files } from '../../ports/index.js';
import { loginKey, parseReference, splitReference } from '../../reference/index.js';
import type { RegistryClient } from '../../registry/index.js';
import type { PlatformOrder } from '../kind.js';

/** What builds with pack need of the run, one and the same for all of them. */
export interface PackTools {
  /** The program. */
  readonly file: string;
  readonly files: Files;
  readonly networks: BuildNetworks;
  readonly engine: Engine;
  /** Of everything that the run makes in the engine. */
  readonly labels: Readonly<Record<string, string>>;
  /** A private folder of the run. */
  readonly folder: string;
  /** A client without logins. */
  readonly client: RegistryClient;
  /** A client for caches in registries, with the run's logins unless the run is untrusted. */
  readonly cacheClient: RegistryClient;
  /** The folder of a docker configuration that holds no login but those for reading what a build starts from. */
  readonly dockerConfig: string;
  /** Where the engine is, if the docker client's context says it and no variable. */
  readonly engineHost?: string;
  /** Is told of a builder before pack pulls it: it is removed at the end unless it was there. */
  willPull(reference: string): Promise<void>;
  /**
   * The image of a lifecycle of that version by digest, so that what pack pulls is known and
   * can be removed. Rejects with `EngineError`.
   */
  lifecycle(version: string, platform: string): Promise<string>;
  /** Removes something while the run goes on; what fails is reported at its end. */
  later(work: Promise<void>): void;
  /** The proxies of builds, by the names in capitals that programs know them by. */
  readonly proxies: Readonly<Record<string, string>>;
  /** The author of what is built is not trusted with this machine's logins. */
  readonly untrusted: boolean;
  /** The logins in it, by registry as docker writes one (`auths`). */
  readonly logins: Readonly<Record<string, object>>;
  /** Why images cannot be built with buildpacks on this engine. */
  readonly refusal?: string;
}

/** One platform's build with buildpacks, with everything that the machine adds to the plan. */
export interface BuildpackOrder extends PlatformOrder {
  readonly image: BuildpackImage;
  readonly builder: ResolvedBuilder;
  /** The builder on this platform. */
  readonly platformBuilder: PlatformBuilder;
  readonly runImage: ResolvedRunImage;
  /** Whose cache a volume of the engine holds from run to run. */
  readonly cache: BuildCache;
  readonly pack: PackTools;
  /** A lock says what the image has to be. */
  readonly locked?: boolean;
}

/** `REPOSITORY@DIGEST`: a reference without its tag. */
function pinned(reference: string, digest: string): string {
  return `${splitReference(reference).name}@${digest}`;
}

/**
 * The builder as pack is given it: by the platform's own manifest. Of an index, pack builds
 * on the engine's platform where it does not ask the registry.
 */
export function pinnedBuilder({ builder, platformBuilder }: BuildpackOrder): string {
  return pinned(builder.reference, platformBuilder.digest);
}

/**
 * The login for the run image's registry, as docker's configuration has it; undefined where
 * there is none. It is the only one that the lifecycle needs: the engine pulls the builder.
 */
export function runImageLogin({
  runImage,
  pack,
}: Pick<BuildpackOrder, 'runImage' | 'pack'>): Readonly<Record<string, object>> | undefined {
  const parsed = parseReference(runImage.reference);
  const key = parsed.ok ? loginKey(parsed.reference.registry) : '';
  const login = pack.logins[key];
  return login && { [key]: login };
}

/** The run image as pack is given it, and as the image's labels name it. */
export function pinnedRunImage({ runImage }: BuildpackOrder): string {
  return pinned(runImage.reference, runImage.indexDigest);
}
