import assert from 'node:assert/strict'
import { test } from 'node:test'
import { OrbitError } from '@orbit-ts/base'
import { holds, type Equal, type HasUnknownField, type IsRefused } from '../type-assertions.test.data.js'
import {
  FILTER_CONDITIONS_MAX,
  FILTER_DEPTH_MAX,
  FILTER_LIST_MAX,
  FILTER_VALUE_DEPTH_MAX,
  checkFilter,
  parseFilter,
} from './filter-tree.js'
import type { Filter } from './filter.js'

const OPTIONS = { what: 'table "airports"', fields: ['iata', 'state', 'latitude'] }

/** The message without its code; filters come as plain JSON here, as from HTTP. */
function refusal(filter: unknown, options: Parameters<typeof checkFilter>[1] = OPTIONS): string {
  try {
    checkFilter(filter, options)
  } catch (error) {
    assert.ok(error instanceof OrbitError)
    assert.equal(error.code, 'INVALID_ARGUMENT')
    return error.reason
  }
  assert.fail('the filter was accepted')
}

test('good filters pass', () => {
  checkFilter({}, OPTIONS)
  checkFilter({ state: 'CA', latitude: { gte: 30, lt: 40 } }, OPTIONS)
  checkFilter({ state: null }, OPTIONS)
  checkFilter({ state: { in: ['CA', null] } }, OPTIONS)
  checkFilter({ $or: [{ state: 'CA' }, { $not: { iata: { like: 'A%' } } }], $and: [] }, OPTIONS)
  checkFilter({ 'state.x': { exists: true } }, OPTIONS)
  checkFilter({ anything: { eq: { deep: [1] } } })
  checkFilter({ a: new Date(0), b: new Uint8Array(1), c: 5n, d: [1, 2] })
})

test('what is wrong is named, with the nearest right thing', () => {
  const cases: readonly [unknown, string][] = [
    [{ stat: 'CA' }, 'where.stat names an unknown field "stat"; did you mean "state"?'],
    [{ zzzzzz: 1 }, 'where.zzzzzz names an unknown field "zzzzzz"; fields are iata, state, latitude'],
    [{ latitude: { gtt: 3 } }, 'where.latitude has no operator "gtt"; did you mean "gt"?'],
    [{ latitude: { $gte: 3 } }, 'where.latitude has no operator "$gte"; did you mean "gte"?'],
    [{ $nor: [] }, 'where.$nor is no operator; known are $and, $or, $not; did you mean "$or"?'],
    [{ $and: {} }, 'where.$and is an object; it must be an array of filters'],
    [{ $or: [{ state: 'CA' }, 5] }, 'where.$or[1] is 5; it must be an object of fields and conditions'],
    [{ $not: null }, 'where.$not is null; it must be an object of fields and conditions'],
    [
      { state: undefined },
      'where.state is undefined; leave it out for no condition, or pass null for an absent value',
    ],
    [{ latitude: { gt: null } }, 'where.latitude.gt is null, and nothing compares with null; use isNull'],
    [
      { latitude: { lt: [] } },
      'where.latitude.lt is an array of 0; it must be a string, number, boolean, Date or bytes',
    ],
    [{ state: { in: 'CA' } }, 'where.state.in is "CA"; it must be an array of values'],
    [{ state: { in: [() => 1] } }, 'where.state.in[0] is a function, which no stored value can equal'],
    [{ state: { like: 5 } }, 'where.state.like is 5; it must be a pattern such as "A%"'],
    [
      { state: { like: 'a\\' } },
      'where.state.like ends in the escape character "\\"; write "\\\\" to match a backslash',
    ],
    [{ state: { startsWith: 1n } }, 'where.state.startsWith is 1; it must be a string'],
    [{ state: { isNull: 'yes' } }, 'where.state.isNull is "yes"; it must be true or false'],
    [{ state: { exists: 1 } }, 'where.state.exists is 1; it must be true or false'],
    [{ state: new Map() }, 'where.state is a Map, which no stored value can equal'],
    [{ state: new Date(NaN) }, 'where.state is an invalid Date'],
    [{ 'state.': 1 }, 'where path "state." has an empty step; write steps as in "address.city"'],
    [[], 'where is an array of 0; it must be an object of fields and conditions'],
    ['x', 'where is "x"; it must be an object of fields and conditions'],
  ]
  for (const [filter, expected] of cases) assert.equal(refusal(filter), `table "airports": ${expected}`)
  assert.match(refusal({ state: {} }), /where\.state has no operator; use one of eq, ne, /)
  assert.match(refusal({ state: { city: 1 } }), /For a field inside "state" write "state\.city"/)
})

test('inherited names are no operators', () => {
  assert.match(refusal({ state: { constructor: 1 } }), /has no operator "constructor"/)
  assert.match(refusal(JSON.parse('{"state":{"__proto__":1}}')), /has no operator "__proto__"/)
})

test('limits', () => {
  const nested = (levels: number): unknown => {
    let filter: unknown = { state: 'CA' }
    for (let i = 0; i < levels; i++) filter = { $not: filter }
    return filter
  }
  parseFilter(nested(FILTER_DEPTH_MAX))
  assert.match(refusal(nested(FILTER_DEPTH_MAX + 1)), /is nested deeper than 32 levels/)
  const many = (count: number): unknown => ({
    $or: Array.from({ length: count }, (_, i) => ({ latitude: i })),
  })
  parseFilter(many(FILTER_CONDITIONS_MAX))
  assert.match(refusal(many(FILTER_CONDITIONS_MAX + 1)), /is condition number 1001; at most 1000/)
  for (const empty of [{}, { $and: [] }, { $not: { $or: [] } }]) {
    const empties = (length: number): unknown => ({ $or: Array.from({ length }, () => empty) })
    parseFilter(empties(FILTER_CONDITIONS_MAX))
    assert.match(refusal(empties(FILTER_CONDITIONS_MAX + 1)), /is condition number 1001; at most 1000/)
  }
  const list = (length: number): unknown => ({ state: { in: Array.from({ length }, (_, i) => i) } })
  parseFilter(list(FILTER_LIST_MAX))
  assert.match(refusal(list(FILTER_LIST_MAX + 1)), /lists 10001 values; at most 10000/)
  const deep = (levels: number): unknown => {
    let value: unknown = 1
    for (let i = 0; i < levels; i++) value = [value]
    return { state: { eq: value } }
  }
  parseFilter(deep(FILTER_VALUE_DEPTH_MAX))
  assert.match(refusal(deep(FILTER_VALUE_DEPTH_MAX + 1)), /is nested deeper than 100 levels/)
  const cycle: unknown[] = []
  cycle.push(cycle)
  assert.match(refusal({ state: { eq: cycle } }), /or refers to itself/)
})

test('types accept what a document can be asked for', () => {
  interface Movie {
    id: string
    title: string
    year?: number
    genres: string[]
    director: { name: string }
  }
  const filters: Filter<Movie>[] = [
    { title: 'Heat', year: { gte: 1995 } },
    { year: null },
    { genres: 'Crime' },
    { genres: { contains: 'Crime' } },
    { genres: ['Crime', 'Drama'] },
    { 'director.name': 'Michael Mann' },
    { director: { eq: { name: 'Michael Mann' } } },
    { $or: [{ title: 'Heat' }, { $not: { year: { in: [1995, null] } } }] },
  ]
  for (const filter of filters) checkFilter(filter)
  holds<[HasUnknownField<{ titel: string }, Filter<Movie>>, IsRefused<{ year: string }, Filter<Movie>>]>()
  holds<Equal<HasUnknownField<{ title: string }, Filter<Movie>>, false>>()
  assert.ok(refusal({ titel: 'Heat' }, { fields: ['title'] }))
})
