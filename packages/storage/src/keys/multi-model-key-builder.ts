import { actorKeys } from './actor-keys.js'
import { catalogKeys, internalKeys } from './catalog-keys.js'
import { documentKeys } from './document-keys.js'
import { type FormatKeyOptions, formatKey } from './format-key.js'
import { graphKeys } from './graph-keys.js'
import { type ParsedKey, parseKey } from './parse-key.js'
import { relationalKeys } from './relational-keys.js'
import { timeSeriesKeys } from './time-series-keys.js'
import { vectorKeys } from './vector-keys.js'

/**
 * Builds and takes apart every key of Orbit; the builders of each model, and the ranges over its keys, are under its
 * name. It has no state: `multiModelKeys` does for everyone.
 *
 * Tables, indexes, collections, graphs, labels, edge types and series go by the integer ids that the catalog gives
 * them, so a name may hold anything and a rename moves nothing. Ids of records are strings of any well-formed content.
 *
 * Invariants:
 * 1. Different arguments give different keys, and `parse` gives the arguments back.
 * 2. Keys of one kind sort by their arguments from left to right: numbers as numbers, strings as UTF-8.
 * 3. No key begins with a byte that TiDB or TiKV use for something else.
 *
 * Builders throw INVALID_ARGUMENT for ids that are not safe integers from 0 on and for text with lone surrogates.
 */
export class MultiModelKeyBuilder {
  readonly relational = relationalKeys
  readonly document = documentKeys
  readonly graph = graphKeys
  readonly vector = vectorKeys
  readonly timeSeries = timeSeriesKeys
  readonly actor = actorKeys
  readonly catalog = catalogKeys
  readonly internal = internalKeys

  /** @throws STORAGE_CORRUPT when it is no key of Orbit. */
  parse(key: Uint8Array): ParsedKey {
    return parseKey(key)
  }

  /** The key in words for people. Never throws. */
  format(key: Uint8Array, options?: FormatKeyOptions): string {
    return formatKey(key, options)
  }
}

export const multiModelKeys = new MultiModelKeyBuilder()
