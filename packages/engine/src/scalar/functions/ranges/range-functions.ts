/** Functions of ranges and multiranges. */
import { queryError } from '../../condition.js'
import type { DataType } from '../../data-type.js'
import type { RangeAlgebra } from '../../ranges/range-algebra.js'
import { EMPTY_RANGE, MultirangeValue, RangeValue } from '../../ranges/range-value.js'
import { type SqlArray } from '../../array/sql-array.js'
import { RANGE_TYPES, algebraOf } from '../../types/range-types.js'
import type { Row, Value } from '../../value.js'
import { comparisons } from '../comparison/comparisons.js'
import { orderedComparisons } from '../comparison/comparison-implementations.js'
import { bound, scalar } from '../define/scalar-function.js'
import { table } from '../define/table-function.js'
import type { AnyFunction, ScalarFunction } from '../function.js'

type Either = RangeValue | MultirangeValue

const rangesOf = (value: Either): readonly RangeValue[] =>
  value instanceof MultirangeValue ? value.ranges : value.isEmpty ? [] : [value]
const first = (value: Either): RangeValue => rangesOf(value)[0] ?? EMPTY_RANGE
const last = (value: Either): RangeValue => rangesOf(value).at(-1) ?? EMPTY_RANGE

/** Of two values, either of which may be a multirange. */
function relation(
  holds: (algebra: RangeAlgebra, a: Either, b: Either) => boolean,
): (types: readonly DataType[]) => (context: unknown, a: Either, b: Either) => boolean {
  return (types) => {
    const algebra = algebraOf(types[0]?.scalar)
    return (_, a, b) => holds(algebra, a, b)
  }
}

const overlaps = relation((algebra, a, b) =>
  rangesOf(a).some((one) => rangesOf(b).some((other) => algebra.overlaps(one, other))),
)
const contains = relation((algebra, a, b) =>
  rangesOf(b).every((other) => rangesOf(a).some((one) => algebra.contains(one, other))),
)
const containedBy = relation((algebra, a, b) =>
  rangesOf(a).every((one) => rangesOf(b).some((other) => algebra.contains(other, one))),
)
const before = relation((algebra, a, b) => algebra.isBefore(last(a), first(b)))
const after = relation((algebra, a, b) => algebra.isBefore(last(b), first(a)))
const overLeft = relation((algebra, a, b) => algebra.endsWithin(last(a), last(b)))
const overRight = relation((algebra, a, b) => algebra.startsWithin(first(a), first(b)))
const adjacent = relation(
  (algebra, a, b) => algebra.isFollowedBy(last(a), first(b)) || algebra.isFollowedBy(last(b), first(a)),
)

const RELATIONS = { overlaps, before, after, overleft: overLeft, overright: overRight, adjacent } as const

/** Each with its OIDs between two ranges, a range and a multirange, the other way round, and two multiranges. */
const RELATION_OIDS = `
  overlaps 3857 4246 4247 4248
  before 3863 4258 4259 4260
  after 3864 4261 4262 4263
  overleft 3865 4264 4265 4266
  overright 3866 4267 4268 4269
  adjacent 3862 4255 4257 4256
`

function relationsOf(line: string): ScalarFunction[] {
  const [name = '', ranges, mixed, mixedBack, multiranges] = line.trim().split(' ')
  const implementation = RELATIONS[name as keyof typeof RELATIONS]
  return [
    bound(`${ranges} range_${name}(anyrange,anyrange) bool`, implementation),
    bound(`${mixed} range_${name}_multirange(anyrange,anymultirange) bool`, implementation),
    bound(`${mixedBack} multirange_${name}_range(anymultirange,anyrange) bool`, implementation),
    bound(`${multiranges} multirange_${name}_multirange(anymultirange,anymultirange) bool`, implementation),
  ]
}

/** Of a value and a range, in either order. */
function containsValue(types: readonly DataType[]) {
  const algebra = algebraOf(types[0]?.scalar)
  return (_: unknown, ranges: Either, value: Value): boolean =>
    rangesOf(ranges).some((range) => algebra.containsValue(range, value))
}

function valueContained(types: readonly DataType[]) {
  const algebra = algebraOf(types[1]?.scalar)
  return (_: unknown, value: Value, ranges: Either): boolean =>
    rangesOf(ranges).some((range) => algebra.containsValue(range, value))
}

const onRanges =
  (combine: (algebra: RangeAlgebra, a: RangeValue, b: RangeValue) => RangeValue) =>
  (types: readonly DataType[]) => {
    const algebra = algebraOf(types[0]?.scalar)
    return (_: unknown, a: RangeValue, b: RangeValue) => combine(algebra, a, b)
  }

const onMultiranges =
  (combine: (algebra: RangeAlgebra, a: readonly RangeValue[], b: readonly RangeValue[]) => RangeValue[]) =>
  (types: readonly DataType[]) => {
    const algebra = algebraOf(types[0]?.scalar)
    return (_: unknown, a: MultirangeValue, b: MultirangeValue) =>
      algebra.multirange(combine(algebra, a.ranges, b.ranges))
  }

export function intersections(
  algebra: RangeAlgebra,
  a: readonly RangeValue[],
  b: readonly RangeValue[],
): RangeValue[] {
  return a.flatMap((one) => b.map((other) => algebra.intersection(one, other)))
}

function differences(
  algebra: RangeAlgebra,
  a: readonly RangeValue[],
  b: readonly RangeValue[],
): RangeValue[] {
  let left = [...a]
  for (const other of b) left = left.flatMap((one) => algebra.parts(one, other))
  return left
}

function mergeMultirange(types: readonly DataType[]) {
  const algebra = algebraOf(types[0]?.scalar)
  return (_: unknown, value: MultirangeValue) => algebra.union(first(value), last(value), true)
}

/** `[)`, `()`, `[]`, `(]`: which bounds are in the range. @throws */
function make(_types: readonly DataType[], result: DataType) {
  const algebra = algebraOf(result.scalar)
  return (_: unknown, lower: Value, upper: Value, ...flags: (string | null)[]): RangeValue => {
    const [inclusion = '[)'] = flags
    if (inclusion === null)
      throw queryError('data_exception', 'range constructor flags argument must not be null')
    if (!/^[[(][\])]$/.test(inclusion)) {
      throw queryError('syntax_error', 'invalid range bound flags', {
        hint: 'Valid values are "[]", "[)", "(]", and "()".',
      })
    }
    return algebra.make(lower, upper, inclusion.startsWith('['), inclusion.endsWith(']'))
  }
}

/** OIDs of the constructors of a range and of its multirange. */
const CONSTRUCTORS = `
  int4range int4 3840 3841 int4multirange 4280 4281 4282
  numrange numeric 3844 3845 nummultirange 4283 4284 4285
  tsrange timestamp 3933 3934 tsmultirange 4286 4287 4288
  tstzrange timestamptz 3937 3938 tstzmultirange 4289 4290 4291
  daterange date 3941 3942 datemultirange 4292 4293 4294
  int8range int8 3945 3946 int8multirange 4295 4296 4297
`

function constructorsOf(line: string): ScalarFunction[] {
  const [range = '', element = '', two, three, multirange = '', none, one, many] = line.trim().split(' ')
  return [
    bound(`${two} ${range}(${element},${element}) ${range} nullable`, make),
    bound(`${three} ${range}(${element},${element},text) ${range} nullable`, make),
    scalar(`${none} ${multirange}() ${multirange}`, () => new MultirangeValue([])),
    scalar(`${one} ${multirange}(${range}) ${multirange}`, (_, value: RangeValue) => ofRange(value)),
    bound(`${many} ${multirange}(variadic _${range}) ${multirange}`, (_, result) => {
      const algebra = algebraOf(result.scalar)
      return (_context: unknown, ranges: SqlArray) => {
        if (ranges.elements.includes(null))
          throw queryError('null_value_not_allowed', 'multirange values cannot contain null members')
        return algebra.multirange(ranges.elements.filter((each) => each instanceof RangeValue))
      }
    }),
  ]
}

export function ofRange(range: RangeValue): MultirangeValue {
  return new MultirangeValue(rangesOf(range))
}

function* unnest(_: unknown, { ranges }: MultirangeValue): Iterable<Row> {
  for (const range of ranges) yield [range]
}

function unnestColumns([given]: readonly DataType[]) {
  const range = RANGE_TYPES.find(([, multirange]) => multirange === given?.scalar)?.[0]
  return range === undefined ? [] : [{ name: 'unnest', type: { scalar: range, modifier: -1 } }]
}

export const rangeFunctions: readonly AnyFunction[] = [
  ...CONSTRUCTORS.trim().split('\n').flatMap(constructorsOf),
  ...RELATION_OIDS.trim().split('\n').flatMap(relationsOf),
  scalar('3848 lower(anyrange) anyelement', (_, range: RangeValue) => range.lower),
  scalar('3849 upper(anyrange) anyelement', (_, range: RangeValue) => range.upper),
  scalar('3850 isempty(anyrange) bool', (_, range: RangeValue) => range.isEmpty),
  scalar('3851 lower_inc(anyrange) bool', (_, range: RangeValue) => range.lowerInclusive),
  scalar('3852 upper_inc(anyrange) bool', (_, range: RangeValue) => range.upperInclusive),
  scalar('3853 lower_inf(anyrange) bool', (_, range: RangeValue) => !range.isEmpty && range.lower === null),
  scalar('3854 upper_inf(anyrange) bool', (_, range: RangeValue) => !range.isEmpty && range.upper === null),
  scalar('4235 lower(anymultirange) anyelement', (_, value: MultirangeValue) => first(value).lower),
  scalar('4236 upper(anymultirange) anyelement', (_, value: MultirangeValue) => last(value).upper),
  scalar('4237 isempty(anymultirange) bool', (_, { ranges }: MultirangeValue) => ranges.length === 0),
  scalar('4238 lower_inc(anymultirange) bool', (_, value: MultirangeValue) => first(value).lowerInclusive),
  scalar('4239 upper_inc(anymultirange) bool', (_, value: MultirangeValue) => last(value).upperInclusive),
  scalar(
    '4240 lower_inf(anymultirange) bool',
    (_, value: MultirangeValue) => value.ranges.length > 0 && first(value).lower === null,
  ),
  scalar(
    '4241 upper_inf(anymultirange) bool',
    (_, value: MultirangeValue) => value.ranges.length > 0 && last(value).upper === null,
  ),
  bound('3858 range_contains_elem(anyrange,anyelement) bool', containsValue),
  bound('3859 range_contains(anyrange,anyrange) bool', contains),
  bound('3860 elem_contained_by_range(anyelement,anyrange) bool', valueContained),
  bound('3861 range_contained_by(anyrange,anyrange) bool', containedBy),
  bound('4249 multirange_contains_elem(anymultirange,anyelement) bool', containsValue),
  bound('4250 multirange_contains_range(anymultirange,anyrange) bool', contains),
  bound('4251 multirange_contains_multirange(anymultirange,anymultirange) bool', contains),
  bound('4252 elem_contained_by_multirange(anyelement,anymultirange) bool', valueContained),
  bound('4253 range_contained_by_multirange(anyrange,anymultirange) bool', containedBy),
  bound('4254 multirange_contained_by_multirange(anymultirange,anymultirange) bool', containedBy),
  bound('4541 range_contains_multirange(anyrange,anymultirange) bool', contains),
  bound('4542 multirange_contained_by_range(anymultirange,anyrange) bool', containedBy),
  bound(
    '3867 range_union(anyrange,anyrange) anyrange',
    onRanges((algebra, a, b) => algebra.union(a, b)),
  ),
  bound(
    '4057 range_merge(anyrange,anyrange) anyrange',
    onRanges((algebra, a, b) => algebra.union(a, b, true)),
  ),
  bound(
    '3868 range_intersect(anyrange,anyrange) anyrange',
    onRanges((algebra, a, b) => algebra.intersection(a, b)),
  ),
  bound(
    '3869 range_minus(anyrange,anyrange) anyrange',
    onRanges((algebra, a, b) => algebra.minus(a, b)),
  ),
  bound('4228 range_merge(anymultirange) anyrange', mergeMultirange),
  bound(
    '4270 multirange_union(anymultirange,anymultirange) anymultirange',
    onMultiranges((_, a, b) => [...a, ...b]),
  ),
  bound('4271 multirange_minus(anymultirange,anymultirange) anymultirange', onMultiranges(differences)),
  bound('4272 multirange_intersect(anymultirange,anymultirange) anymultirange', onMultiranges(intersections)),
  scalar('4298 multirange(anyrange) anymultirange', (_, range: RangeValue) => ofRange(range)),
  table('1293 unnest(anymultirange) anyrange', unnest, { columns: unnestColumns }),
  ...comparisons(
    orderedComparisons,
    `
  cmp 3870 range_cmp(anyrange,anyrange) int4
  eq 3855 range_eq(anyrange,anyrange) bool
  ne 3856 range_ne(anyrange,anyrange) bool
  lt 3871 range_lt(anyrange,anyrange) bool
  le 3872 range_le(anyrange,anyrange) bool
  gt 3874 range_gt(anyrange,anyrange) bool
  ge 3873 range_ge(anyrange,anyrange) bool
  cmp 4273 multirange_cmp(anymultirange,anymultirange) int4
  eq 4244 multirange_eq(anymultirange,anymultirange) bool
  ne 4245 multirange_ne(anymultirange,anymultirange) bool
  lt 4274 multirange_lt(anymultirange,anymultirange) bool
  le 4275 multirange_le(anymultirange,anymultirange) bool
  gt 4277 multirange_gt(anymultirange,anymultirange) bool
  ge 4276 multirange_ge(anymultirange,anymultirange) bool
`,
  ),
]
