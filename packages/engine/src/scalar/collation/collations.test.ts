import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import * as fc from 'fast-check'
import { countCodePoints, firstCodePoints, indexOfCodePoint } from './code-points.js'
import { findCollation, systemCollations } from './collations.js'

const WORDS = ['a', 'B', 'A', 'b', 'a b', 'a-b', 'ab', 'Z', 'é', 'e', 'f', '_', '1', 'ß', 'ss']

function sorted(name: string): string {
  const collation = findCollation(name)
  assert.ok(collation, name)
  return WORDS.toSorted(collation.compare).join(' ')
}

describe('collations', () => {
  it('order by code point where they are C', () => {
    for (const name of ['C', 'POSIX', 'default', 'ucs_basic']) {
      assert.equal(sorted(name), '1 A B Z _ a a b a-b ab b e f ss ß é')
    }
  })

  it('order by language as PostgreSQL does with ICU', () => {
    for (const name of ['und-x-icu', 'en-x-icu', 'en_US']) {
      assert.equal(sorted(name), '_ 1 a A a b a-b ab b B e é f ss ß Z')
    }
  })

  it('tell texts apart that a language does not', () => {
    const collation = findCollation('en-x-icu')
    assert.notEqual(collation?.compare('e\u0301', '\u00e9'), 0)
    assert.equal(collation?.compare('e\u0301', 'e\u0301'), 0)
  })

  it('are found by their exact names', () => {
    assert.equal(findCollation('c'), undefined)
    assert.equal(new Set(systemCollations.map((each) => each.oid)).size, systemCollations.length)
    assert.equal(new Set(systemCollations.map((each) => each.name)).size, systemCollations.length)
  })
})

describe('code points', () => {
  it('are counted and cut like the characters of an iteration', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.nat({ max: 12 }), (text, count) => {
        const characters = Array.from(text)
        assert.equal(countCodePoints(text), characters.length)
        assert.equal(firstCodePoints(text, count), characters.slice(0, count).join(''))
        assert.equal(indexOfCodePoint(text, count), characters.slice(0, count).join('').length)
      }),
    )
  })
})
