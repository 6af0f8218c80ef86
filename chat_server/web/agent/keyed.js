/** Lists that are kept up in place: what did not change is not touched, so that nobody loses their focus. */

/**
 * Make the children of `list` those of `entries`, in order. `make(entry)` returns an element; `update(node, entry)`
 * brings it up to date. The nodes that were added are returned.
 */
export function keep(list, entries, { key, make, update = () => {} }) {
  const known = new Map([...list.children].map((node) => [node.dataset.key, node]));
  const wanted = new Set(entries.map((entry) => String(key(entry))));
  for (const [name, node] of known) if (!wanted.has(name)) node.remove();
  const added = [];
  let before = null;
  for (const entry of entries) {
    const name = String(key(entry));
    let node = known.get(name);
    if (!node) {
      node = make(entry);
      node.dataset.key = name;
      added.push(node);
    }
    update(node, entry);
    const place = before ? before.nextElementSibling : list.firstElementChild;
    if (place !== node) list.insertBefore(node, place);
    before = node;
  }
  return added;
}

/** Set a text only where it differs, so that nothing is announced or selected anew. */
export function put(node, text) {
  if (node.textContent !== text) node.textContent = text;
}
