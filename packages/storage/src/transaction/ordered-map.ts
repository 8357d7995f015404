import sortedBtree from 'sorted-btree'

const { default: BTree } = sortedBtree

/**
 * A map ordered by binary strings (`toBinaryString`), which JavaScript compares exactly as unsigned bytes.
 * `clone()` is cheap: nodes are copied only when one of the two maps changes them.
 */
export type OrderedMap<V> = InstanceType<typeof BTree<string, V>>

export function orderedMap<V>(): OrderedMap<V> {
  return new BTree<string, V>(undefined, (a, b) => (a < b ? -1 : a > b ? 1 : 0))
}

/** The pairs in `[start, end)`, forward. A bound left out is open. */
export function* pairsIn<V>(
  map: OrderedMap<V>,
  start: string | undefined,
  end: string | undefined,
): IterableIterator<[string, V]> {
  for (const pair of map.entries(start)) {
    if (end !== undefined && pair[0] >= end) return
    yield pair
  }
}
