import { join, posix } from 'node:path';
import { stringify } from 'smol-toml';
import {
  applicationFilter,
  BUILDPACK_TOML_LIMIT,
  type BuildpackRef,
  readBuildpackToml,
} from '../../buildpacks/index.js';
import { isGitConfig } from '../../contents/index.js';
import { EngineError } from '../../engine/index.js';
import type { TarFile, TarMark, TarOwner } from '../../oci/index.js';
import type { Files } from '../../ports/index.js';
import { plannedBuildpack } from '../../reference/index.js';
import type { BuildTools } from '../kind.js';
import { maskedGitConfig } from './application.js';
import { bindingFiles } from './bindings.js';
import { located } from './command.js';
import { type AddedBuildpacks, orderToml } from './creator-order.js';
import { type BuildpackOrder, pinnedRunImage, runImageLogin } from './order.js';

type CreatorFile = TarFile | TarMark;

/** Where the application lies in the container. */
const APP = 'workspace/';

/** What is copied, and for whom. */
interface Copied {
  readonly files: Files;
  readonly owner?: TarOwner;
}

/** Where an added order lies. */
export const ORDER_FILE = '/platform/order.toml';

/** Where the run image is named, which the lifecycle writes into the image's labels. */
export const RUN_FILE = '/platform/run.toml';

/** The root's own docker configuration, which the user of the build cannot read. */
export const LOGINS = '/root/.sea-trial';

/** A folder and all below it; what a checkout has left of credentials is masked. */
async function* walk(source: string, name: string, copied: Copied): AsyncGenerator<CreatorFile> {
  const { files, ...own } = copied;
  const facts = await files.look(source);
  if (facts?.kind === 'file' && isGitConfig(source)) {
    const content = await maskedGitConfig(source, facts, files);
    yield { name, size: content.length, mode: facts.mode, content, ...own };
  } else if (facts?.kind === 'file') {
    const content = () => files.reader(source);
    yield { name, size: facts.size, mode: facts.mode, content, ...own };
  } else if (facts?.kind === 'symlink') {
    yield { name, kind: 'symlink', target: await files.target(source), ...own };
  } else if (facts?.kind === 'directory') {
    yield { name, kind: 'directory', mode: facts.mode, ...own };
    for (const child of await files.list(source)) {
      yield* walk(join(source, child), posix.join(name, child), copied);
    }
  }
}

/** What of the application is built; as with pack, each path is judged by itself. */
async function* filtered(
  entries: AsyncIterable<CreatorFile>,
  isBuilt: (path: string) => boolean,
): AsyncGenerator<CreatorFile> {
  for await (const entry of entries) if (isBuilt(entry.name.slice(APP.length))) yield entry;
}

function file(name: string, content: string | Buffer, mode = 0o644): TarFile {
  const bytes = Buffer.from(content);
  return { name: name.replace(/^\//, ''), size: bytes.length, mode, content: bytes };
}

/** What a folder's buildpack.toml says that it is. */
async function refOf(folder: string, planned: string, files: Files): Promise<BuildpackRef> {
  const wrong = (why: string) =>
    new EngineError('failed', `The buildpack ${planned} cannot be read: ${why}.`, '');
  const path = join(folder, 'buildpack.toml');
  const text = await files.read(path, BUILDPACK_TOML_LIMIT).catch((error: Error) => {
    const isLarge = (error as NodeJS.ErrnoException).code === 'EFBIG';
    const large = `its buildpack.toml is larger than ${BUILDPACK_TOML_LIMIT} bytes`;
    throw wrong(isLarge ? large : 'it is not a folder with a buildpack.toml');
  });
  const read = readBuildpackToml(text.toString('utf8'));
  if ('fault' in read) throw wrong(read.fault);
  return read.value;
}

async function addedBuildpacks({ image, root }: BuildpackOrder, files: Files) {
  const { buildpacks, preBuildpacks, postBuildpacks } = image.build;
  const folders = [...buildpacks, ...preBuildpacks, ...postBuildpacks].flatMap((planned) => {
    const source = plannedBuildpack(planned);
    return source.from === 'path' ? [{ planned, folder: located(root, source.path) }] : [];
  });
  const read = folders.map(async (one) => ({
    ...one,
    ref: await refOf(one.folder, one.planned, files),
  }));
  return Promise.all(read);
}

/**
 * What is copied into a container of the builder before the lifecycle's creator starts in
 * it: the application, which belongs to the user of the build, variables, bindings, added
 * buildpacks with their order, and logins. Rejects with `EngineError`.
 */
export async function creatorFiles(
  order: BuildpackOrder,
  tools: Pick<BuildTools, 'ports' | 'secretEnvironment'>,
): Promise<{ readonly entries: AsyncIterable<CreatorFile>; readonly hasOrder: boolean }> {
  const { image, root, platformBuilder, pack } = order;
  const { build } = image;
  const { files } = pack;
  const [bindings, added] = await Promise.all([
    bindingFiles(order, tools),
    addedBuildpacks(order, files),
  ]);
  const refs: AddedBuildpacks = new Map(added.map(({ planned, ref }) => [planned, ref]));
  const toml = orderToml(build, platformBuilder, refs);
  const login = runImageLogin(order);
  const logins =
    login === undefined
      ? []
      : [file(`${LOGINS}/config.json`, JSON.stringify({ auths: login }), 0o600)];
  const small = [
    ...Object.entries(build.env).map(([name, value]) => file(`/platform/env/${name}`, value)),
    ...bindings.map(({ binding, name, content }) =>
      file(`/platform/bindings/${binding}/${name}`, content),
    ),
    ...(toml === undefined ? [] : [file(ORDER_FILE, toml)]),
    file(RUN_FILE, stringify({ images: [{ image: pinnedRunImage(order) }] })),
  ];
  async function* entries(): AsyncGenerator<CreatorFile> {
    const owner = platformBuilder.user;
    yield { name: 'workspace', kind: 'directory', mode: 0o777, owner };
    const app = located(root, build.context);
    const isBuilt = applicationFilter(build);
    for (const child of await files.list(app)) {
      yield* filtered(walk(join(app, child), `${APP}${child}`, { files, owner }), isBuilt);
    }
    for (const { folder, ref } of added) {
      const name = `cnb/buildpacks/${ref.id.replaceAll('/', '_')}/${ref.version}`;
      yield* walk(folder, name, { files });
    }
    yield* small;
    yield* logins;
  }
  return { entries: entries(), hasOrder: toml !== undefined };
}
