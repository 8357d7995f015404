/**
 * The first byte of every key. TiDB has `t` (table data, which is also ours) and `m` (its catalog, which we leave
 * alone), TiKV's API v2 has `x` and `r`, its data directory `z`; none of them is taken here.
 */
export const KEY_SPACE = {
  table: 0x74, // t
  document: 0x64, // d
  graph: 0x67, // g
  vector: 0x76, // v
  timeSeries: 0x73, // s
  actor: 0x61, // a
  catalog: 0x63, // c
  /** Facts of the storage layer itself. */
  internal: 0x5f, // _
} as const

/**
 * Between the values of an index entry and the id of the record it belongs to. No flag of a stored datum has this
 * value, so an entry can be taken apart without knowing its index.
 */
export const ENTRY_ID_MARK = 0x0f
