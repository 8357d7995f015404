/** Keys from `start` (inclusive) to `end` (exclusive). An empty `start` is the first key, an empty `end` has no bound. */
export interface KeyRange {
  readonly start: Uint8Array
  readonly end: Uint8Array
}
