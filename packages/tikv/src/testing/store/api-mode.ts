import { toHex } from '@orbit-ts/base'
import { APIVersion } from '../../gen/kvrpcpb.js'

export type CommandKind = 'txn' | 'raw'

type KeyMode = 'raw' | 'txn' | 'tidb' | 'unknown'

const names: Record<APIVersion, string> = { 0: 'V1', 1: 'V1ttl', 2: 'V2', 3: 'V3' }

/**
 * Whether a store of one API version takes a request of another, by its version and the first byte of its keys.
 * @returns The text of TiKV's error, or undefined when it does.
 */
export function refuseApiVersion(
  storage: APIVersion,
  request: APIVersion,
  command: string,
  kind: CommandKind,
  keys: readonly Uint8Array[],
  ranges: readonly (readonly [Uint8Array, Uint8Array])[],
): string | undefined {
  const required = requiredMode(storage, request, kind)
  if (required === 'any') return undefined
  const facts = `cmd: ${command}, storage: ${names[storage]}`
  if (required === undefined) {
    return `Api version in request does not match with TiKV storage, ${facts}, request: ${names[request]}`
  }
  const key = keys.find((candidate) => keyMode(candidate) !== required)
  if (key !== undefined) {
    return `Key mode mismatched with the request mode, ${facts}, key: ${toHex(key).toUpperCase()}`
  }
  const range = ranges.find(([start, end]) => rangeMode(start, end) !== required)
  if (range === undefined) return undefined
  const [start, end] = range.map((bound) => `Some("${toHex(bound).toUpperCase()}")`)
  return `Key mode mismatched with the request mode, ${facts}, range: (${start}, ${end})`
}

function requiredMode(
  storage: APIVersion,
  request: APIVersion,
  kind: CommandKind,
): KeyMode | 'any' | undefined {
  if (storage === APIVersion.V1 && request === APIVersion.V1) return 'any'
  if (storage === APIVersion.V1TTL && request === APIVersion.V1 && kind === 'raw') return 'any'
  if (storage !== APIVersion.V2) return undefined
  if (request === APIVersion.V2) return kind
  // Keys of TiDB's own layout need no prefix.
  return request === APIVersion.V1 && kind === 'txn' ? 'tidb' : undefined
}

function keyMode(key: Uint8Array): KeyMode {
  switch (key[0]) {
    case 0x72:
      return 'raw'
    case 0x78:
      return 'txn'
    case 0x6d:
    case 0x74:
      return 'tidb'
    default:
      return 'unknown'
  }
}

function rangeMode(start: Uint8Array, end: Uint8Array): KeyMode {
  const [first] = start
  if (first === undefined || end.length === 0) return 'unknown'
  const wholeMode = end.length === 1 && end[0] === first + 1
  return first === end[0] || wholeMode ? keyMode(start) : 'unknown'
}
