/** What a stored datum holds, of the kind that its column's type says. */
import { assert, fromUtf8 } from '@orbit-ts/base'
import type { Datum } from '@orbit-ts/storage'

export function integerOf(datum: Datum): number | bigint {
  assert(datum.kind === 'int', 'the column holds integers')
  return datum.value
}

export function bytesOf(datum: Datum): Uint8Array {
  assert(datum.kind === 'bytes', 'the column holds bytes')
  return datum.value
}

export function textOf(datum: Datum): string {
  if (datum.kind === 'bytes') return fromUtf8(datum.value)
  assert(datum.kind === 'text', 'the column holds text')
  return datum.value
}
