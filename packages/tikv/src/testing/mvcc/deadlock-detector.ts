import { WaitForEntry } from '../../gen/deadlock.js'
import type { Timestamp } from '../../timestamp.js'

/** A transaction waits for another one at a key. */
export interface WaitEdge {
  readonly waiter: Timestamp
  readonly holder: Timestamp
  readonly key: Uint8Array
  readonly resourceGroupTag: Uint8Array
}

/**
 * Whether the edge `last` closes a circle with the others.
 * @returns The circle: from the holder that `last` waits for, along the waits, ending with `last` itself.
 */
export function findCircle(edges: readonly WaitEdge[], last: WaitEdge): readonly WaitForEntry[] | undefined {
  const cameBy = new Map<Timestamp, WaitEdge | undefined>([[last.holder, undefined]])
  const stack = [last.holder]
  for (let current = stack.pop(); current !== undefined; current = stack.pop()) {
    for (const edge of edges) {
      if (edge.waiter !== current) continue
      if (edge.holder === last.waiter) {
        return [...pathTo(cameBy, current), edge, last].map(waitForEntry)
      }
      if (cameBy.has(edge.holder)) continue
      cameBy.set(edge.holder, edge)
      stack.push(edge.holder)
    }
  }
  return undefined
}

function pathTo(cameBy: ReadonlyMap<Timestamp, WaitEdge | undefined>, end: Timestamp): WaitEdge[] {
  const path: WaitEdge[] = []
  for (let edge = cameBy.get(end); edge !== undefined; edge = cameBy.get(edge.waiter)) path.unshift(edge)
  return path
}

export function waitForEntry(edge: WaitEdge): WaitForEntry {
  return WaitForEntry.create({
    txn: edge.waiter,
    waitForTxn: edge.holder,
    keyHash: keyHash(edge.key),
    key: edge.key,
    resourceGroupTag: edge.resourceGroupTag,
  })
}

/** A 64-bit hash (FNV-1a); TiKV's is another, which no client computes itself. */
export function keyHash(key: Uint8Array): bigint {
  let hash = 0xcbf29ce484222325n
  for (const byte of key) hash = BigInt.asUintN(64, (hash ^ BigInt(byte)) * 0x100000001b3n)
  return hash
}
