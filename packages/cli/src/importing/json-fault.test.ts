import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { jsonFault } from './json-fault.js'

it('finds nothing in JSON', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      assert.equal(jsonFault(text), text.length)
    }),
  )
})

it('finds the place where JSON is cut or altered', () => {
  assert.equal(jsonFault('{"a":1'), 6)
  assert.equal(jsonFault('{"a":01}'), 5)
  assert.equal(jsonFault('{a:1}'), 1)
  assert.equal(jsonFault('["\u0001"]'), 1)
  assert.equal(jsonFault('[1,]'), 3)
  assert.equal(jsonFault(''), 0)
  assert.equal(jsonFault('{} {}'), 3)
})

it('takes long texts and deep nesting', () => {
  const long = 'x'.repeat(5_000_000)
  assert.equal(jsonFault(`["${long}", "${'\\n'.repeat(5_000_000)}",]`), long.length + 10_000_008)
  assert.ok(jsonFault(`${'['.repeat(1_000_000)}x`) > 0)
})

it('finds a fault wherever the parser does, and not behind it', () => {
  const text = fc.jsonValue().map((value) => JSON.stringify(value))
  fc.assert(
    fc.property(text, fc.nat(), fc.constantFrom('', 'x', '"', ',', '}', '1', '\\'), (json, seed, put) => {
      const at = seed % (json.length + 1)
      const altered = json.slice(0, at) + put + json.slice(at + 1)
      try {
        JSON.parse(altered)
      } catch {
        // What comes before the fault is the same text, so some end of it may still make JSON of it.
        assert.ok(jsonFault(altered) <= altered.length)
        return
      }
      assert.equal(jsonFault(altered), altered.length)
    }),
  )
})
