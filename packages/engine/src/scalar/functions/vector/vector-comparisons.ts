import { comparisons } from '../comparison/comparisons.js'
import { orderedComparisons } from '../comparison/comparison-implementations.js'

export const vectorComparisons = comparisons(
  orderedComparisons,
  `
  eq 90120 vector_eq(vector,vector) bool
  ne 90121 vector_ne(vector,vector) bool
  lt 90122 vector_lt(vector,vector) bool
  le 90123 vector_le(vector,vector) bool
  gt 90124 vector_gt(vector,vector) bool
  ge 90125 vector_ge(vector,vector) bool
  cmp 90126 vector_cmp(vector,vector) int4
`,
)
