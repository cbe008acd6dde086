import type { LayerEntry } from './facts.js';

/**
 * A file, directory or link of one layer, or of layers over each other. Only
 * directories have children.
 */
export interface TreeNode {
  entry: LayerEntry;
  children?: Map<string, TreeNode>;
  /** Counted from 1; of a layer alone it is that layer's. */
  layer: number;
  /** A directory that no entry of its layer is about. */
  isImplied?: boolean;
  /** Nothing of the layers below shows through this directory. */
  isOpaque?: boolean;
  /** Hides what the layers below have in its place. */
  isWhiteout?: boolean;
}

/** As the kernel's limit (path_resolution(7)). */
export const LINKS = 40;
const WHITEOUT = '.wh.';
const OPAQUE = '.wh..wh..opq';
const PROBLEMS = 20;
/** Directories in each other: more make no path that a kernel takes. */
const DEEPEST = 2048;

export function splitPath(path: string): string[] {
  return path.split('/').filter((part) => part !== '' && part !== '.');
}

function splitLast(path: string): readonly [parent: string, name: string] {
  const slash = path.lastIndexOf('/');
  return slash === -1 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}

export function directoryNode(path: string, layer: number): TreeNode {
  const entry = { path, kind: 'directory', mode: 0o755, uid: 0, gid: 0, size: 0 } as const;
  return { entry, layer, isImplied: true, children: new Map() };
}

/** The directory at a path of the layer, links of the layer followed, missing ones made; else what stands in the way. */
function parentAt(root: TreeNode, path: string, layer: number): TreeNode | string {
  const pending = splitPath(path).reverse();
  const nodes: TreeNode[] = [root];
  const parts: string[] = [];
  let links = 0;
  for (let part = pending.pop(); part !== undefined; part = pending.pop()) {
    if (part === '..') {
      if (parts.pop() !== undefined) nodes.pop();
      continue;
    }
    const parent = nodes[nodes.length - 1] ?? root;
    const at = () => [...parts, part].join('/');
    let node = parent.children?.get(part);
    if (node === undefined) {
      node = directoryNode(at(), layer);
      parent.children?.set(part, node);
    }
    if (node.entry.kind === 'symlink') {
      links++;
      const target = node.entry.link ?? '';
      if (links > LINKS || target === '') return at();
      pending.push(...splitPath(target).reverse());
      if (!target.startsWith('/')) continue;
      parts.length = 0;
      nodes.length = 1;
      continue;
    }
    if (node.children === undefined || parts.length > DEEPEST) return at();
    parts.push(part);
    nodes.push(node);
  }
  return nodes[nodes.length - 1] ?? root;
}

/** A layer unpacked on its own, and why engines refuse to do that, or some of them. */
interface Unpacked {
  readonly root: TreeNode;
  /** Sentences; what they are about is not in the tree. */
  readonly problems: readonly string[];
}

/**
 * Unpacks a layer as engines do on overlayfs: alone in a folder, entry by entry,
 * so that no link of a layer below is followed; a whiteout is a device that takes
 * the place of what it hides, an opaque directory has a mark. The root's mark is
 * set and means nothing, for overlayfs does not look at it.
 */
export function unpack(entries: readonly LayerEntry[], layer = 1): Unpacked {
  const root = directoryNode('', layer);
  const problems: string[] = [];
  const refuse = (problem: string) => {
    if (problems.length < PROBLEMS)
      problems.push(`engines reject it, or treat it differently: ${problem}`);
  };

  const hide = (parent: TreeNode, name: string, entry: LayerEntry) => {
    const hidden = name.slice(WHITEOUT.length);
    if (name === OPAQUE) parent.isOpaque = true;
    else if (/^\.{0,2}$/.test(hidden)) refuse(`"${entry.path}" hides nothing that has a name`);
    else if (parent.children?.has(hidden)) {
      refuse(`"${entry.path}" hides what its own layer has brought before`);
    } else parent.children?.set(hidden, { entry, layer, isWhiteout: true });
  };

  const link = (entry: LayerEntry): LayerEntry | undefined => {
    const [parentPath, name] = splitLast(entry.link ?? '');
    const parent = parentAt(root, parentPath, layer);
    const target = typeof parent === 'string' ? undefined : parent.children?.get(name);
    if (target !== undefined && target.children === undefined) return target.entry;
    refuse(
      `"${entry.path}" is a hard link to "${entry.link}", which its layer does not have by then`,
    );
    return undefined;
  };

  const put = (parent: TreeNode, name: string, entry: LayerEntry) => {
    const before = parent.children?.get(name);
    if (entry.kind !== 'directory') {
      const content = entry.kind === 'hardlink' ? link(entry) : entry;
      if (content !== undefined) parent.children?.set(name, { entry: content, layer });
    } else if (before?.children === undefined) {
      parent.children?.set(name, { entry, layer, children: new Map() });
    } else {
      before.entry = entry;
      before.isImplied = false;
    }
  };

  let last: { path: string; parent: TreeNode | string } | undefined;
  for (const entry of entries) {
    if (entry.path === '') {
      if (entry.kind === 'directory') Object.assign(root, { entry, isImplied: false });
      continue;
    }
    const [path, name] = splitLast(entry.path);
    // Entries of one directory follow each other; what is not a file may move it.
    if (last?.path !== path) last = { path, parent: parentAt(root, path, layer) };
    const { parent } = last;
    if (typeof parent === 'string')
      refuse(
        `"${entry.path}" lies below "${parent}", which is not a directory, or a link that leads nowhere`,
      );
    else if (name.startsWith(WHITEOUT)) hide(parent, name, entry);
    else put(parent, name, entry);
    if (entry.kind !== 'file') last = undefined;
  }
  return { root, problems };
}

/** What is left of a node where nothing lies below it: whiteouts hide nothing there. */
function alone(node: TreeNode): TreeNode {
  for (const [name, child] of node.children ?? []) {
    if (child.isWhiteout) node.children?.delete(name);
    else alone(child);
  }
  return node;
}

/** Puts an unpacked layer over the directory below it, which is changed. */
export function cover(below: TreeNode, layer: TreeNode): void {
  if (!layer.isImplied) {
    below.entry = layer.entry;
    below.layer = layer.layer;
  }
  for (const [name, over] of layer.children ?? []) {
    const under = below.children?.get(name);
    if (over.isWhiteout) below.children?.delete(name);
    else if (under?.children !== undefined && over.children !== undefined && !over.isOpaque) {
      cover(under, over);
    } else below.children?.set(name, alone(over));
  }
}
