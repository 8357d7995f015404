import sortedBtree from 'sorted-btree'

const { default: BTree } = sortedBtree

/**
 * A map ordered by binary strings (`toBinaryString`), which JavaScript compares exactly as unsigned bytes.
 * `clone()` is cheap: nodes are copied only when one of the two maps changes them.
 */
export type OrderedMap<V> = InstanceType<typeof BTree<string, V>>

export function orderedMap<V>(entries?: Iterable<[string, V]>): OrderedMap<V> {
  const map = new BTree<string, V>(undefined, (a, b) => (a < b ? -1 : a > b ? 1 : 0))
  if (entries !== undefined) for (const [key, value] of entries) map.set(key, value)
  return map
}
