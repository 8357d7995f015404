/** The edges of a node, as they are stored under it. */
import { EMPTY_BYTES, OrbitError } from '@orbit-ts/base'
import {
  formatKey,
  graphKeys,
  parseKey,
  type Direction,
  type EdgeIdentity,
  type KeyRange,
} from '@orbit-ts/storage'
import type { EdgeDirection } from './graph-queries.js'
import type { OpenGraph } from './open-graph.js'

/** Which edges of a node are meant. */
export interface Selection {
  readonly direction: EdgeDirection
  /** Ascending and distinct. Undefined: of all types. */
  readonly typeIds: readonly number[] | undefined
}

/** An edge as seen from one of its ends. */
export interface Hop {
  readonly edge: Required<EdgeIdentity>
  /** The node at the other end. */
  readonly far: string
  /** The stored edge; empty when only keys were asked for. */
  readonly value: Uint8Array
}

export interface HopOptions {
  readonly keysOnly?: boolean
  readonly chunkSize?: number
  readonly limit?: number
}

/** The edges of a node in chunks: those that leave it first, then by type, far node and id; loops once. */
export async function* readHops(
  graph: OpenGraph,
  nodeId: string,
  selection: Selection,
  options: HopOptions = {},
): AsyncGenerator<Hop[]> {
  const { direction } = selection
  if (direction !== 'in') yield* readDirection(graph, nodeId, 'out', selection, options)
  if (direction === 'out') return
  for await (const hops of readDirection(graph, nodeId, 'in', selection, options)) {
    // A loop is stored in both directions and was already read in the other.
    const fresh = direction === 'both' ? hops.filter(({ far }) => far !== nodeId) : hops
    if (fresh.length > 0) yield fresh
  }
}

async function* readDirection(
  graph: OpenGraph,
  nodeId: string,
  direction: Direction,
  { typeIds }: Selection,
  options: HopOptions,
): AsyncGenerator<Hop[]> {
  for (const range of rangesOf(graph, nodeId, direction, typeIds)) {
    for await (const entries of graph.storage.scan(range, options)) {
      yield entries.map(({ key, value }) => hopOf(key, value))
    }
  }
}

function rangesOf(
  graph: OpenGraph,
  nodeId: string,
  direction: Direction,
  typeIds: readonly number[] | undefined,
): KeyRange[] {
  if (typeIds === undefined) return [graphKeys.neighbours(graph.id, nodeId, direction)]
  return typeIds.map((typeId) => graphKeys.neighbours(graph.id, nodeId, direction, typeId))
}

/** @throws STORAGE_CORRUPT when the key is not one of an edge. */
export function hopOf(key: Uint8Array, value: Uint8Array = EMPTY_BYTES): Hop {
  const { direction, edge } = edgeOfKey(key)
  return { edge, value, far: direction === 'out' ? edge.toId : edge.fromId }
}

export function edgeOfKey(key: Uint8Array): { direction: Direction; edge: Required<EdgeIdentity> } {
  const parsed = parseKey(key)
  if (parsed.model === 'graph' && parsed.kind === 'edge') return parsed
  throw new OrbitError('STORAGE_CORRUPT', `${formatKey(key)} is no key of an edge`)
}

export function isSameEdge(a: Required<EdgeIdentity>, b: Required<EdgeIdentity>): boolean {
  return (
    a.fromId === b.fromId && a.typeId === b.typeId && a.toId === b.toId && a.discriminator === b.discriminator
  )
}
