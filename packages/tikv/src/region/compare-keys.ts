const INLINE_BYTES = 24

/**
 * As `compareBytes`: negative, zero or positive. Keys mostly differ early, where a loop is several times faster than a
 * call into the runtime.
 */
export function compareKeys(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length, INLINE_BYTES)
  for (let index = 0; index < length; index++) {
    const difference = (a[index] as number) - (b[index] as number)
    if (difference !== 0) return difference
  }
  return length < INLINE_BYTES ? a.length - b.length : Buffer.compare(a, b)
}
