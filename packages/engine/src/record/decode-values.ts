import type { KeyRange, ScanOptions, Transaction } from '@orbit-ts/storage'

/**
 * What is made of each value of a range, in non-empty chunks in key order, without reading the keys: that is what many
 * rows cost most.
 *
 * @param decode told the key only after it has failed without: the range is read once more then, so that its error can
 *   name what is damaged. It must not make anything of the key.
 */
export async function* decodeValues<T>(
  storage: Pick<Transaction, 'scan'>,
  range: KeyRange,
  options: Omit<ScanOptions, 'keysOnly' | 'valuesOnly'>,
  decode: (value: Uint8Array, key: Uint8Array | undefined) => T,
): AsyncGenerator<T[]> {
  for await (const entries of storage.scan(range, { ...options, valuesOnly: true })) {
    let decoded: T[]
    try {
      decoded = decodeAll(entries, decode)
    } catch (error) {
      for await (const again of storage.scan(range, options))
        for (const { key, value } of again) decode(value, key)
      throw error
    }
    yield decoded
  }
}

function decodeAll<T>(
  entries: readonly { readonly value: Uint8Array }[],
  decode: (value: Uint8Array, key: undefined) => T,
): T[] {
  const decoded = new Array<T>(entries.length)
  for (let i = 0; i < entries.length; i++) {
    // The index is within the array.
    decoded[i] = decode((entries[i] as { readonly value: Uint8Array }).value, undefined)
  }
  return decoded
}
