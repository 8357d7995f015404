import { comparisons } from './comparisons.js'
import { blankPaddedPatternComparisons, patternComparisons } from './comparison-implementations.js'

/** Strings in the order of their characters, whatever the collation; for indexes that serve LIKE. */
export const patternComparisonFunctions = [
  ...comparisons(
    blankPaddedPatternComparisons,
    `
  ge 2177 bpchar_pattern_ge(bpchar,bpchar) bool
  gt 2178 bpchar_pattern_gt(bpchar,bpchar) bool
  le 2175 bpchar_pattern_le(bpchar,bpchar) bool
  lt 2174 bpchar_pattern_lt(bpchar,bpchar) bool
  cmp 2180 btbpchar_pattern_cmp(bpchar,bpchar) int4
`,
  ),
  ...comparisons(
    patternComparisons,
    `
  cmp 2166 bttext_pattern_cmp(text,text) int4
  ge 2163 text_pattern_ge(text,text) bool
  gt 2164 text_pattern_gt(text,text) bool
  le 2161 text_pattern_le(text,text) bool
  lt 2160 text_pattern_lt(text,text) bool
`,
  ),
]
