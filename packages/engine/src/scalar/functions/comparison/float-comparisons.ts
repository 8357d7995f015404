import { comparisons } from './comparisons.js'
import { floatComparisons } from './comparison-implementations.js'

/** NaN is equal to itself and above all other values. */
export const floatComparisonFunctions = comparisons(
  floatComparisons,
  `
  cmp 354 btfloat4cmp(float4,float4) int4
  eq 287 float4eq(float4,float4) bool
  ge 292 float4ge(float4,float4) bool
  gt 291 float4gt(float4,float4) bool
  larger 209 float4larger(float4,float4) float4
  le 290 float4le(float4,float4) bool
  lt 289 float4lt(float4,float4) bool
  ne 288 float4ne(float4,float4) bool
  smaller 211 float4smaller(float4,float4) float4
  cmp 2194 btfloat48cmp(float4,float8) int4
  eq 299 float48eq(float4,float8) bool
  ge 304 float48ge(float4,float8) bool
  gt 303 float48gt(float4,float8) bool
  le 302 float48le(float4,float8) bool
  lt 301 float48lt(float4,float8) bool
  ne 300 float48ne(float4,float8) bool
  cmp 2195 btfloat84cmp(float8,float4) int4
  eq 305 float84eq(float8,float4) bool
  ge 310 float84ge(float8,float4) bool
  gt 309 float84gt(float8,float4) bool
  le 308 float84le(float8,float4) bool
  lt 307 float84lt(float8,float4) bool
  ne 306 float84ne(float8,float4) bool
  cmp 355 btfloat8cmp(float8,float8) int4
  eq 293 float8eq(float8,float8) bool
  ge 298 float8ge(float8,float8) bool
  gt 297 float8gt(float8,float8) bool
  larger 223 float8larger(float8,float8) float8
  le 296 float8le(float8,float8) bool
  lt 295 float8lt(float8,float8) bool
  ne 294 float8ne(float8,float8) bool
  smaller 224 float8smaller(float8,float8) float8
`,
)
