import type { LayerEntry, LayerFacts } from './facts.js';
import { cover, directoryNode, LINKS, splitPath, type TreeNode, unpack } from './unpack.js';

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
  /** What a link at a path leads to, as written, where that is not there. */
  deadLink(path: string): string | undefined;
  /** The names in a directory, symlinks to it followed; none where there is no directory. */
  list(path: string): readonly string[];
  /** The file that a command starts: a path, or a name found in PATH's directories, in their order. */
  which(command: string, search: string, workdir?: string): TreeFile | undefined;
  /** The paths that a command may stand for, in their order. */
  places(command: string, search: string, workdir?: string): readonly string[];
  /** Every file, directory and link, by no particular order. */
  files(): IterableIterator<TreeFile>;
}

interface FoundNode {
  readonly node: TreeNode;
  readonly parts: readonly string[];
}

/**
 * Walks from the root as the kernel does inside a container: `..` stays at the
 * root, links are followed, at most 40 of them. Undefined where nothing is. Links
 * in the place of the path itself are told.
 */
function walk(
  root: TreeNode,
  path: string,
  onLastLink?: (target: string) => void,
): FoundNode | undefined {
  const pending = splitPath(path).reverse();
  const parts: string[] = [];
  const nodes: TreeNode[] = [root];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '..') {
      parts.pop();
      if (nodes.length > 1) nodes.pop();
      continue;
    }
    const node = (nodes[nodes.length - 1] ?? root).children?.get(part);
    if (node === undefined) return undefined;
    if (node.entry.kind === 'symlink') {
      const target = node.entry.link ?? '';
      links++;
      if (links > LINKS || target === '') return undefined;
      if (pending.length === 0) onLastLink?.(target);
      pending.push(...splitPath(target).reverse());
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

function places(command: string, search: string, workdir = '/'): readonly string[] {
  if (command.startsWith('/')) return [command];
  if (command.includes('/')) return [`${workdir}/${command}`];
  return search
    .split(':')
    .map((part) => `${part.startsWith('/') ? part : `${workdir}/${part}`}/${command}`);
}

function* allFiles(root: TreeNode): IterableIterator<TreeFile> {
  const pending: [string, TreeNode][] = [['', root]];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const [path, node] = next;
    if (path !== '') yield { path, entry: node.entry, layer: node.layer };
    if (node.children === undefined) continue;
    for (const [name, child] of node.children) pending.push([`${path}/${name}`, child]);
  }
}

/** Makes the tree of layers in their order, the base first. */
export function createTree(layers: readonly LayerFacts[]): Tree {
  const root = directoryNode('', 1);
  layers.forEach(({ entries }, index) => {
    cover(root, unpack(entries, index + 1).root);
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
    deadLink(path) {
      let last: string | undefined;
      let links = 0;
      const found = walk(root, path, (target) => {
        last = target;
        links++;
      });
      return found === undefined && links < LINKS ? last : undefined;
    },
    places,
    which(command, search, workdir) {
      const found = places(command, search, workdir).map(lookup);
      return command.includes('/') ? found[0] : found.find(startable);
    },
  };
}
