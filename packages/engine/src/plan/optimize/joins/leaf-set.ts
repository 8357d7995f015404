/** A set of leaves: bit n stands for leaf n. */
export type LeafSet = bigint

export function leafSet(leaf: number): LeafSet {
  return 1n << BigInt(leaf)
}

/** Whether there is exactly one leaf in it. */
export function isSingleLeaf(set: LeafSet): boolean {
  return set !== 0n && (set & (set - 1n)) === 0n
}
