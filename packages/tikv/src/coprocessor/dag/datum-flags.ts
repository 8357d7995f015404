/** What a datum begins with, as TiDB numbers them. */
export const DATUM = {
  null: 0,
  /** In groups of eight, as in keys. */
  bytes: 1,
  /** Behind their length. */
  compactBytes: 2,
  int: 3,
  uint: 4,
  float: 5,
  decimal: 6,
  duration: 7,
  varint: 8,
  uvarint: 9,
} as const
