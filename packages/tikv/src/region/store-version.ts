import { OrbitError } from '@orbit-ts/base'
import type { Store as StoreMeta } from '../gen/metapb.js'
import { isTiFlash } from './store.js'

/** What a server says it is. Builds between two releases carry the number of the one to come: `8.5.0-alpha-12-g0123abc`. */
export interface StoreVersion {
  readonly major: number
  readonly minor: number
  readonly patch: number
}

/** The numbers of `8.5.1`, `v7.5.0` or `9.0.0-beta.1`, or undefined for what has none. */
export function parseStoreVersion(text: string): StoreVersion | undefined {
  const found = /^\s*v?(\d{1,6})\.(\d{1,6})(?:\.(\d{1,6}))?(?![\d.])/i.exec(text)
  if (found === null) return undefined
  const [, major, minor, patch = '0'] = found
  return { major: Number(major), minor: Number(minor), patch: Number(patch) }
}

/**
 * Why a TiKV server must not be used where all have to be of `minimum` or newer; undefined for one that may. What stands
 * behind the numbers does not count, and a version without numbers is taken as it is: builds of one's own have such.
 */
export function refusalOfOlder(store: StoreMeta, minimum: StoreVersion | undefined): OrbitError | undefined {
  if (minimum === undefined || isTiFlash(store.labels)) return undefined
  const version = parseStoreVersion(store.version)
  if (version === undefined || compareVersions(version, minimum) >= 0) return undefined
  const needed = `${minimum.major}.${minimum.minor}.${minimum.patch}`
  return new OrbitError(
    'STORAGE_UNSUPPORTED',
    `store ${store.id} (${store.address}) is TiKV ${store.version}, and ${needed} is the oldest version that can be used: older ones do not check at commit whether a key exists that was not locked; upgrade it, or remove it from the cluster`,
    { storeId: String(store.id), address: store.address, version: store.version, minimum: needed },
  )
}

function compareVersions(one: StoreVersion, other: StoreVersion): number {
  return one.major - other.major || one.minor - other.minor || one.patch - other.patch
}
