import type { LayerEntry, LayerFacts } from './facts.js';

/** A file of the image as a container sees it. */
export interface TreeFile {
  /** Path with a leading `/`, symlinks followed. */
  readonly path: string;
  /** The entry that has its bytes and mode; a hard link shows its target's. */
  readonly entry: LayerEntry;
  /** The layer that put it there, counted from 1. */
  readonly layer: number;
}

/** The file system that an image's layers make. Paths are absolute or relative to the root. */
export interface Tree {
  /** Files, directories and links in it. */
  readonly size: number;
  /** The file at a path, symlinks followed; undefined where nothing is, or links lead in a circle. */
  lookup(path: string): TreeFile | undefined;
  /** The names in a directory, symlinks to it followed; none where there is no directory. */
  list(path: string): readonly string[];
  /** The file that a command starts: a path, or a name found in PATH's directories, in their order. */
  which(command: string, search: string, workdir?: string): TreeFile | undefined;
  /** Every file, directory and link, by no particular order. */
  files(): IterableIterator<TreeFile>;
}

interface Node {
  entry: LayerEntry;
  layer: number;
  children?: Map<string, Node>;
}

/** As the kernel's limit (path_resolution(7)). */
const LINKS = 40;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';

const directory = (path: string): LayerEntry => ({
  path,
  kind: 'directory',
  mode: 0o755,
  uid: 0,
  gid: 0,
  size: 0,
});

function split(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function splitLast(path: string): readonly [parent: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

interface Found {
  readonly node: Node;
  readonly parts: readonly string[];
}

/**
 * Walks from the root as the kernel does inside a container: `..` stays at the
 * root, links are followed, at most 40 of them. With `make`, missing directories
 * are put there. Undefined where nothing is.
 */
function walk(
  root: Node,
  path: string,
  make?: (name: string, at: string) => Node,
): Found | undefined {
  const pending = split(path).reverse();
  const parts: string[] = [];
  const nodes: Node[] = [root];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '..') {
      parts.pop();
      if (nodes.length > 1) nodes.pop();
      continue;
    }
    const parent = nodes[nodes.length - 1] ?? root;
    let node = parent.children?.get(part);
    if (node === undefined && make !== undefined && parent.children !== undefined) {
      node = make(part, [...parts, part].join('/'));
      parent.children.set(part, node);
    }
    if (node === undefined) return undefined;
    if (node.entry.kind === 'symlink') {
      const target = node.entry.link ?? '';
      links++;
      if (links > LINKS || target === '') return undefined;
      pending.push(...split(target).reverse());
      if (!target.startsWith('/')) continue;
      parts.length = 0;
      nodes.length = 1;
      continue;
    }
    parts.push(part);
    nodes.push(node);
  }
  return { node: nodes[nodes.length - 1] ?? root, parts };
}

/** Puts one layer's entries over what is there. */
function apply(root: Node, facts: LayerFacts, layer: number): void {
  const make = (_: string, at: string): Node => ({
    entry: directory(at),
    layer,
    children: new Map(),
  });
  const isWhiteout = ({ path }: LayerEntry) => splitLast(path)[1].startsWith(WHITEOUT);
  // Whiteouts hide what is below their layer only, wherever in it they stand (image-spec, layer.md).
  for (const entry of facts.entries) {
    if (!isWhiteout(entry)) continue;
    const [parentPath, name] = splitLast(entry.path);
    const parent = walk(root, parentPath)?.node;
    if (name === OPAQUE) parent?.children?.clear();
    else parent?.children?.delete(name.slice(WHITEOUT.length));
  }
  let last: { path: string; node: Node | undefined } | undefined;
  for (const entry of facts.entries) {
    if (isWhiteout(entry)) continue;
    if (entry.path === '') {
      root.entry = entry;
      root.layer = layer;
      continue;
    }
    const [parentPath, name] = splitLast(entry.path);
    // Entries of one directory follow each other; links or directories between them may move it.
    if (last?.path !== parentPath) {
      last = { path: parentPath, node: walk(root, parentPath, make)?.node };
    }
    put(root, last.node, name, entry, layer);
    if (entry.kind !== 'file') last = undefined;
  }
}

function put(root: Node, parent: Node | undefined, name: string, entry: LayerEntry, layer: number) {
  // A parent that is no directory is an image that no engine unpacks; the entry is not there.
  if (parent?.children === undefined) return;
  if (entry.kind === 'directory') {
    const children = parent.children.get(name)?.children ?? new Map<string, Node>();
    parent.children.set(name, { entry, layer, children });
    return;
  }
  const target = entry.kind === 'hardlink' ? hardTarget(root, entry.link ?? '') : undefined;
  parent.children.set(name, { entry: target ?? entry, layer });
}

/** A hard link's target is not followed when it is a symlink itself. */
function hardTarget(root: Node, link: string): LayerEntry | undefined {
  const [parentPath, name] = splitLast(link);
  return walk(root, parentPath)?.node.children?.get(name)?.entry;
}

function* allFiles(root: Node): IterableIterator<TreeFile> {
  const pending: [string, Node][] = [['', root]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [path, node] = next;
    if (path !== '') yield { path, entry: node.entry, layer: node.layer };
    if (node.children === undefined) continue;
    for (const [name, child] of node.children) pending.push([`${path}/${name}`, child]);
  }
}

/** Makes the tree of layers in their order, the base first. */
export function createTree(layers: readonly LayerFacts[]): Tree {
  const root: Node = { entry: directory(''), layer: 1, children: new Map() };
  layers.forEach((facts, index) => {
    apply(root, facts, index + 1);
  });
  let size = 0;
  for (const _ of allFiles(root)) size++;

  const lookup = (path: string): TreeFile | undefined => {
    const found = walk(root, path);
    if (found === undefined) return undefined;
    const { entry, layer } = found.node;
    return { path: `/${found.parts.join('/')}`, entry, layer };
  };
  const startable = (file: TreeFile | undefined) =>
    file !== undefined && file.entry.kind === 'file' && (file.entry.mode & 0o111) !== 0;
  return {
    size,
    lookup,
    list: (path) => [...(walk(root, path)?.node.children?.keys() ?? [])],
    files: () => allFiles(root),
    which(command, search, workdir = '/') {
      if (command.startsWith('/')) return lookup(command);
      if (command.includes('/')) return lookup(`${workdir}/${command}`);
      const candidates = search
        .split(':')
        .map((part) => lookup(`${part.startsWith('/') ? part : `${workdir}/${part}`}/${command}`));
      return candidates.find(startable);
    },
  };
}
