import { comparisons } from './comparisons.js'
import { orderedComparisons } from './comparison-implementations.js'

/** Types whose values are objects, or whose order is their own: compared as the type says. */
export const orderedComparisonFunctions = comparisons(
  orderedComparisons,
  `
  cmp 1769 numeric_cmp(numeric,numeric) int4
  eq 1718 numeric_eq(numeric,numeric) bool
  ge 1721 numeric_ge(numeric,numeric) bool
  gt 1720 numeric_gt(numeric,numeric) bool
  larger 1767 numeric_larger(numeric,numeric) numeric
  le 1723 numeric_le(numeric,numeric) bool
  lt 1722 numeric_lt(numeric,numeric) bool
  ne 1719 numeric_ne(numeric,numeric) bool
  smaller 1766 numeric_smaller(numeric,numeric) numeric
  larger 1063 bpchar_larger(bpchar,bpchar) bpchar
  smaller 1064 bpchar_smaller(bpchar,bpchar) bpchar
  cmp 1078 bpcharcmp(bpchar,bpchar) int4
  eq 1048 bpchareq(bpchar,bpchar) bool
  ge 1052 bpcharge(bpchar,bpchar) bool
  gt 1051 bpchargt(bpchar,bpchar) bool
  le 1050 bpcharle(bpchar,bpchar) bool
  lt 1049 bpcharlt(bpchar,bpchar) bool
  ne 1053 bpcharne(bpchar,bpchar) bool
  cmp 358 btcharcmp(char,char) int4
  eq 61 chareq(char,char) bool
  ge 74 charge(char,char) bool
  gt 73 chargt(char,char) bool
  le 72 charle(char,char) bool
  lt 1246 charlt(char,char) bool
  ne 70 charne(char,char) bool
  cmp 1954 byteacmp(bytea,bytea) int4
  eq 1948 byteaeq(bytea,bytea) bool
  ge 1952 byteage(bytea,bytea) bool
  gt 1951 byteagt(bytea,bytea) bool
  le 1950 byteale(bytea,bytea) bool
  lt 1949 bytealt(bytea,bytea) bool
  ne 1953 byteane(bytea,bytea) bool
  cmp 1315 interval_cmp(interval,interval) int4
  eq 1162 interval_eq(interval,interval) bool
  ge 1166 interval_ge(interval,interval) bool
  gt 1167 interval_gt(interval,interval) bool
  larger 1198 interval_larger(interval,interval) interval
  le 1165 interval_le(interval,interval) bool
  lt 1164 interval_lt(interval,interval) bool
  ne 1163 interval_ne(interval,interval) bool
  smaller 1197 interval_smaller(interval,interval) interval
  cmp 1358 timetz_cmp(timetz,timetz) int4
  eq 1352 timetz_eq(timetz,timetz) bool
  ge 1356 timetz_ge(timetz,timetz) bool
  gt 1357 timetz_gt(timetz,timetz) bool
  larger 1379 timetz_larger(timetz,timetz) timetz
  le 1355 timetz_le(timetz,timetz) bool
  lt 1354 timetz_lt(timetz,timetz) bool
  ne 1353 timetz_ne(timetz,timetz) bool
  smaller 1380 timetz_smaller(timetz,timetz) timetz
  cmp 4044 jsonb_cmp(jsonb,jsonb) int4
  eq 4043 jsonb_eq(jsonb,jsonb) bool
  ge 4042 jsonb_ge(jsonb,jsonb) bool
  gt 4040 jsonb_gt(jsonb,jsonb) bool
  le 4041 jsonb_le(jsonb,jsonb) bool
  lt 4039 jsonb_lt(jsonb,jsonb) bool
  ne 4038 jsonb_ne(jsonb,jsonb) bool
  eq 744 array_eq(anyarray,anyarray) bool
  ge 396 array_ge(anyarray,anyarray) bool
  gt 392 array_gt(anyarray,anyarray) bool
  larger 515 array_larger(anyarray,anyarray) anyarray
  le 393 array_le(anyarray,anyarray) bool
  lt 391 array_lt(anyarray,anyarray) bool
  ne 390 array_ne(anyarray,anyarray) bool
  smaller 516 array_smaller(anyarray,anyarray) anyarray
  cmp 382 btarraycmp(anyarray,anyarray) int4
  cmp 3514 enum_cmp(anyenum,anyenum) int4
  eq 3508 enum_eq(anyenum,anyenum) bool
  ge 3513 enum_ge(anyenum,anyenum) bool
  gt 3511 enum_gt(anyenum,anyenum) bool
  larger 3525 enum_larger(anyenum,anyenum) anyenum
  le 3512 enum_le(anyenum,anyenum) bool
  lt 3510 enum_lt(anyenum,anyenum) bool
  ne 3509 enum_ne(anyenum,anyenum) bool
  smaller 3524 enum_smaller(anyenum,anyenum) anyenum
  cmp 2987 btrecordcmp(record,record) int4
  eq 2981 record_eq(record,record) bool
  ge 2986 record_ge(record,record) bool
  gt 2984 record_gt(record,record) bool
  le 2985 record_le(record,record) bool
  lt 2983 record_lt(record,record) bool
  ne 2982 record_ne(record,record) bool
  cmp 404 btoidvectorcmp(oidvector,oidvector) int4
  eq 679 oidvectoreq(oidvector,oidvector) bool
  ge 680 oidvectorge(oidvector,oidvector) bool
  gt 681 oidvectorgt(oidvector,oidvector) bool
  le 678 oidvectorle(oidvector,oidvector) bool
  lt 677 oidvectorlt(oidvector,oidvector) bool
  ne 619 oidvectorne(oidvector,oidvector) bool
`,
)
