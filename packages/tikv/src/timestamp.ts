/**
 * PD's timestamps: milliseconds since the Unix epoch in the upper bits, a counter in the lower 18.
 * Equivalent in client-go: `oracle.ComposeTS`, `oracle.ExtractPhysical`.
 */
export type Timestamp = bigint

const LOGICAL_BITS = 18n
const LOGICAL_MASK = (1n << LOGICAL_BITS) - 1n

/** The latest version of a key, for point reads outside a transaction. */
export const MAX_TIMESTAMP: Timestamp = 0xffff_ffff_ffff_ffffn

/** The timestamp of these milliseconds since the Unix epoch and this counter. */
export function composeTimestamp(physicalMs: number | bigint, logical: number | bigint): Timestamp {
  return (BigInt(physicalMs) << LOGICAL_BITS) | BigInt(logical)
}

/** Milliseconds since the Unix epoch. */
export function physicalMs(timestamp: Timestamp): number {
  return Number(timestamp >> LOGICAL_BITS)
}

/** The counter. */
export function logicalPart(timestamp: Timestamp): number {
  return Number(timestamp & LOGICAL_MASK)
}
