/**
 * Virtual actors and the cluster that runs them:
 *
 *     a d {type}.{key}                      directory entry: the lease of an addressable
 *     a n {nodeId}.{type}.{key}             the same by the node that holds it
 *     a e {expiresAtMs}{type}.{key}         the same by the time it expires
 *     a f {type}.{key}                      fencing epoch: stays when the lease goes
 *     a c {nodeId}                          cluster node
 *     a h {expiresAtMs}{nodeId}             cluster nodes by the time they expire
 *     a s {type}.{key}.{slot}               state of an actor
 *
 * A full stop marks text that ends in 00 01; where it is the last part of the key it has no mark.
 */
import type { KeyRange } from '../provider.js'
import type { ByteReader } from './byte-reader.js'
import type { ByteWriter } from './byte-writer.js'
import { beginKey } from './key-parts.js'
import { prefixRange, rangeWithin } from './key-range.js'
import { KEY_SPACE } from './key-space.js'
import { readInt64, readTerminatedText, writeInt64, writeTerminatedText } from './memcomparable.js'

const DIRECTORY = 0x64 // d
const BY_NODE = 0x6e // n
const BY_EXPIRY = 0x65 // e
const EPOCH = 0x66 // f
const NODE = 0x63 // c
const NODE_EXPIRY = 0x68 // h
const STATE = 0x73 // s

export interface ActorAddress {
  readonly type: string
  readonly key: string
}

interface ActorKeyBase {
  readonly model: 'actor'
}

export type ActorKey =
  | (ActorKeyBase & { readonly kind: 'directory' | 'epoch'; readonly address: ActorAddress })
  | (ActorKeyBase & { readonly kind: 'by-node'; readonly nodeId: string; readonly address: ActorAddress })
  | (ActorKeyBase & {
      readonly kind: 'by-expiry'
      readonly expiresAtMs: number
      readonly address: ActorAddress
    })
  | (ActorKeyBase & { readonly kind: 'node'; readonly nodeId: string })
  | (ActorKeyBase & {
      readonly kind: 'node-by-expiry'
      readonly expiresAtMs: number
      readonly nodeId: string
    })
  | (ActorKeyBase & { readonly kind: 'state'; readonly address: ActorAddress; readonly slot: string })

function begin(kind: number): ByteWriter {
  const writer = beginKey(KEY_SPACE.actor)
  writer.byte(kind)
  return writer
}

function beginWithText(kind: number, text: string): ByteWriter {
  const writer = begin(kind)
  writeTerminatedText(writer, text)
  return writer
}

function beginWithTime(kind: number, timeMs: number): ByteWriter {
  const writer = begin(kind)
  writeInt64(writer, timeMs, 'expiresAtMs')
  return writer
}

function withAddress(writer: ByteWriter, address: ActorAddress): Uint8Array {
  writeTerminatedText(writer, address.type)
  writer.text(address.key)
  return writer.toBytes()
}

function withText(writer: ByteWriter, text: string): Uint8Array {
  writer.text(text)
  return writer.toBytes()
}

export const actorKeys = {
  directory(address: ActorAddress): Uint8Array {
    return withAddress(begin(DIRECTORY), address)
  },

  byNode(nodeId: string, address: ActorAddress): Uint8Array {
    return withAddress(beginWithText(BY_NODE, nodeId), address)
  },

  byExpiry(expiresAtMs: number, address: ActorAddress): Uint8Array {
    return withAddress(beginWithTime(BY_EXPIRY, expiresAtMs), address)
  },

  epoch(address: ActorAddress): Uint8Array {
    return withAddress(begin(EPOCH), address)
  },

  node(nodeId: string): Uint8Array {
    return withText(begin(NODE), nodeId)
  },

  nodeByExpiry(expiresAtMs: number, nodeId: string): Uint8Array {
    return withText(beginWithTime(NODE_EXPIRY, expiresAtMs), nodeId)
  },

  /** @param slot names one of several states of an actor. Default: empty. */
  state(address: ActorAddress, slot = ''): Uint8Array {
    const writer = beginWithText(STATE, address.type)
    writeTerminatedText(writer, address.key)
    return withText(writer, slot)
  },

  /** The directory, whole or of one type. */
  directoryEntries(type?: string): KeyRange {
    return prefixRange((type === undefined ? begin(DIRECTORY) : beginWithText(DIRECTORY, type)).toBytes())
  },

  /** The entries that a node holds. */
  entriesOfNode(nodeId: string): KeyRange {
    return prefixRange(beginWithText(BY_NODE, nodeId).toBytes())
  },

  /** The entries that expire before `timeMs`. */
  entriesExpiring(timeMs: number): KeyRange {
    return rangeWithin(begin(BY_EXPIRY).toBytes(), undefined, beginWithTime(BY_EXPIRY, timeMs).toBytes())
  },

  epochs(): KeyRange {
    return prefixRange(begin(EPOCH).toBytes())
  },

  nodes(): KeyRange {
    return prefixRange(begin(NODE).toBytes())
  },

  /** The cluster nodes that expire before `timeMs`. */
  nodesExpiring(timeMs: number): KeyRange {
    return rangeWithin(begin(NODE_EXPIRY).toBytes(), undefined, beginWithTime(NODE_EXPIRY, timeMs).toBytes())
  },

  /** The states of all actors, of one type, or of one actor. */
  states(type?: string, key?: string): KeyRange {
    if (type === undefined) return prefixRange(begin(STATE).toBytes())
    const writer = beginWithText(STATE, type)
    if (key !== undefined) writeTerminatedText(writer, key)
    return prefixRange(writer.toBytes())
  },
}

/** @throws STORAGE_CORRUPT */
export function parseActorKey(reader: ByteReader): ActorKey {
  reader.byte()
  const kind = reader.byte()
  switch (kind) {
    case DIRECTORY:
      return { model: 'actor', kind: 'directory', address: readAddress(reader) }
    case EPOCH:
      return { model: 'actor', kind: 'epoch', address: readAddress(reader) }
    case BY_NODE:
      return {
        model: 'actor',
        kind: 'by-node',
        nodeId: readTerminatedText(reader),
        address: readAddress(reader),
      }
    case BY_EXPIRY:
      return {
        model: 'actor',
        kind: 'by-expiry',
        expiresAtMs: readTime(reader),
        address: readAddress(reader),
      }
    case NODE:
      return { model: 'actor', kind: 'node', nodeId: reader.restText() }
    case NODE_EXPIRY:
      return {
        model: 'actor',
        kind: 'node-by-expiry',
        expiresAtMs: readTime(reader),
        nodeId: reader.restText(),
      }
    case STATE: {
      const address = { type: readTerminatedText(reader), key: readTerminatedText(reader) }
      return { model: 'actor', kind: 'state', address, slot: reader.restText() }
    }
    default:
      return reader.fail(`${kind} is no kind of actor key`)
  }
}

function readAddress(reader: ByteReader): ActorAddress {
  return { type: readTerminatedText(reader), key: reader.restText() }
}

function readTime(reader: ByteReader): number {
  const time = readInt64(reader)
  return typeof time === 'number' ? time : reader.fail(`${time} is no time in milliseconds`)
}
