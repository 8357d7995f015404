import { catalogKeys } from '@orbit-ts/storage'
import { compareBytes, defined } from '@orbit-ts/base'

const CATALOG = catalogKeys.all()
const START = defined(CATALOG.start, 'the start of the catalog')
const END = defined(CATALOG.end, 'the end of the catalog')

/** Whether a key is of a definition, of statistics, or of the numbers of objects. */
export function isCatalogKey(key: Uint8Array): boolean {
  return compareBytes(key, START) >= 0 && compareBytes(key, END) < 0
}
