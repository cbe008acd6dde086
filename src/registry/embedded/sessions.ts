import { type Hash, randomUUID } from 'node:crypto';
import { hashFor } from '../../oci/index.js';
import { type ChunkWriter, chunkWriter, type Files } from '../../ports/index.js';
import { RequestRefusal } from './refusal.js';
import type { ContentStore } from './store.js';

/** An upload under way. */
export interface Session {
  readonly id: string;
  readonly name: string;
  readonly path: string;
  readonly writer: ChunkWriter;
  readonly hash: Hash;
  size: number;
  /** One request at a time may write. */
  busy: boolean;
}

/** Uploads under way. They live as long as the server. */
export interface Sessions {
  start(name: string, store: ContentStore): Session;
  find(name: string, id: string): Session;
  end(session: Session): Promise<void>;
  /** The digest of a file, of the algorithm that `like` names. */
  digestFile(path: string, like: string): Promise<string>;
  endAll(): Promise<void>;
}

export function openSessions(files: Files): Sessions {
  const open = new Map<string, Session>();
  const end = async (session: Session) => {
    open.delete(session.id);
    await session.writer.abort();
    await files.remove(session.path);
  };
  return {
    start(name, store) {
      const path = store.temporaryPath();
      const session: Session = {
        id: randomUUID(),
        name,
        path,
        writer: chunkWriter(files.writer(path)),
        hash: hashFor(undefined).hash,
        size: 0,
        busy: false,
      };
      open.set(session.id, session);
      return session;
    },
    find(name, id) {
      const session = open.get(id);
      if (session?.name === name) return session;
      throw new RequestRefusal(404, 'BLOB_UPLOAD_UNKNOWN', `there is no upload ${id} in ${name}`);
    },
    end,
    async digestFile(path, like) {
      const { hash, algorithm } = hashFor(like);
      for await (const chunk of files.reader(path) as AsyncIterable<Buffer>) hash.update(chunk);
      return `${algorithm}:${hash.digest('hex')}`;
    },
    async endAll() {
      await Promise.all([...open.values()].map(end));
    },
  };
}
