import { EMPTY_BYTES } from '@orbit-ts/base'
import type { Entry } from '../provider.js'

/** The entries as a scan with `valuesOnly` gives them. */
export function withoutKeys(entries: readonly Entry[]): Entry[] {
  return entries.map(({ value }) => ({ key: EMPTY_BYTES, value }))
}
