import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { testScalarContext } from '../scalar-context.test.data.js'
import { json, jsonb } from '../types/system-types.js'
import { binaryOf, checkFacts, outcome } from '../types/text-facts.test.data.js'
import { formatJsonbPretty } from './format-json.js'
import { jsonFacts } from './json-facts.test.data.js'
import { parseJsonb } from './parse-json.js'

const context = testScalarContext()
const order = (a: string, b: string): number =>
  Math.sign(jsonb.compare?.(parseJsonb(a), parseJsonb(b), undefined) ?? NaN)

describe('JSON', () => {
  it('is read and written as PostgreSQL does', () => {
    checkFacts(jsonFacts)
  })

  it('comes back as it was', () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        assert.equal(json.parse(text, -1, context), text)
        const value = parseJsonb(text)
        assert.deepEqual(JSON.parse(jsonb.format(value, context)), minusZeroGone(JSON.parse(text)))
        const bytes = Buffer.from(binaryOf(jsonb, value, context), 'hex')
        assert.deepEqual(jsonb.decode(bytes, -1, context), value)
      }),
    )
  })

  it('is indented by four spaces', () => {
    assert.equal(
      formatJsonbPretty(parseJsonb('{"a":[],"b":{},"c":[1,{"d":null}]}').root),
      [
        ...['{', '    "a": [', '    ],', '    "b": {', '    },', '    "c": [', '        1,', '        {'],
        ...['            "d": null', '        }', '    ]', '}'],
      ].join('\n'),
    )
  })

  it('is ordered by type, then by what it holds', () => {
    const sorted = [
      ...['[]', 'null', '"a"', '"b"', '1', '1.5', '2', 'false', 'true', '[1]', '[2]', '[1, 1]'],
      ...['{}', '{"a": 1}', '{"a": 2}', '{"b": 1}', '{"a": 1, "b": 1}'],
    ]
    assert.deepEqual(sorted.toReversed().sort(order), sorted)
    assert.equal(order('1.10', '1.1'), 0)
  })

  it('has keys that are equal for equal values only', () => {
    const key = (text: string): unknown => jsonb.hashKey?.(parseJsonb(text))
    assert.equal(key('{"b": 1.0, "a": [1e1]}'), key('{"a": [10], "b": 1}'))
    assert.notEqual(key('"1"'), key('1'))
    assert.notEqual(key('["a","b"]'), key('["a,b"]'))
    assert.notEqual(key('null'), key('"null"'))
  })

  it('is refused when it is nested too deeply, not when it is merely deep', () => {
    const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels)
    assert.equal(jsonb.format(parseJsonb(nested(1000)), context).length, 2000)
    assert.match(
      outcome(() => jsonb.format(parseJsonb(nested(1001)), context)),
      /^ERR 54001 stack depth limit exceeded/,
    )
  })
})

function minusZeroGone(value: unknown): unknown {
  if (typeof value === 'number') return value + 0
  if (Array.isArray(value)) return value.map(minusZeroGone)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, minusZeroGone(inner)]))
}
