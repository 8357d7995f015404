import { comparisons } from './comparisons.js'
import { textComparisons } from './comparison-implementations.js'

/** Strings: equal when they are the same, in order by the collation. */
export const textComparisonFunctions = comparisons(
  textComparisons,
  `
  cmp 360 bttextcmp(text,text) int4
  cmp 3724 gin_cmp_tslexeme(text,text) int4
  ge 743 text_ge(text,text) bool
  gt 742 text_gt(text,text) bool
  larger 458 text_larger(text,text) text
  le 741 text_le(text,text) bool
  lt 740 text_lt(text,text) bool
  smaller 459 text_smaller(text,text) text
  eq 67 texteq(text,text) bool
  ne 157 textne(text,text) bool
  cmp 253 bttextnamecmp(text,name) int4
  eq 247 texteqname(text,name) bool
  ge 250 textgename(text,name) bool
  gt 251 textgtname(text,name) bool
  le 249 textlename(text,name) bool
  lt 248 textltname(text,name) bool
  ne 252 textnename(text,name) bool
  cmp 246 btnametextcmp(name,text) int4
  eq 240 nameeqtext(name,text) bool
  ge 243 namegetext(name,text) bool
  gt 244 namegttext(name,text) bool
  le 242 nameletext(name,text) bool
  lt 241 namelttext(name,text) bool
  ne 245 namenetext(name,text) bool
  cmp 359 btnamecmp(name,name) int4
  eq 62 nameeq(name,name) bool
  ge 658 namege(name,name) bool
  gt 657 namegt(name,name) bool
  le 656 namele(name,name) bool
  lt 655 namelt(name,name) bool
  ne 659 namene(name,name) bool
`,
)
