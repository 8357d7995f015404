import { OrbitError, toHex } from '@orbit-ts/base'
import { storedValue } from '@orbit-ts/engine'
import { parseKey } from '@orbit-ts/storage'
import { plainJson } from '../records/plain-json.js'
import type { KeyNames } from './name-keys.js'

/** Bytes of a value shown when nothing says what they mean. */
const HEX_BYTES_MAX = 64

/** A stored value for people: JSON where it is known what is in it, otherwise hexadecimal. */
export function describeValue(names: KeyNames, key: Uint8Array, value: Uint8Array): string {
  try {
    return known(names, key, value) ?? unknown(value)
  } catch (error) {
    return `${OrbitError.from(error).message}; bytes ${toHex(value, HEX_BYTES_MAX)}`
  }
}

function known(names: KeyNames, key: Uint8Array, value: Uint8Array): string | undefined {
  const id = ownerOf(key)
  const object = id === undefined ? undefined : names.object(id)
  const stored = object === undefined ? undefined : storedValue(object, key, value)
  return stored === undefined ? undefined : plainJson(stored)
}

/** The id of the object that the key belongs to. */
function ownerOf(bytes: Uint8Array): number | undefined {
  const key = parseKey(bytes)
  switch (key.model) {
    case 'relational':
      return key.tableId
    case 'graph':
      return key.graphId
    case 'document':
    case 'vector':
    case 'timeseries':
      return key.collectionId
    default:
      return undefined
  }
}

/** Facts of the catalog and of the storage layer are JSON; index entries are empty or a few bytes. */
function unknown(value: Uint8Array): string {
  if (value.byteLength === 0) return 'empty'
  const text = Buffer.from(value).toString('utf8')
  return isJson(text) ? text : toHex(value, HEX_BYTES_MAX)
}

function isJson(text: string): boolean {
  if (!/^[[{"]/.test(text)) return false
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
