import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { didYouMean, nearest } from './suggest.js'

describe('nearest', () => {
  it('finds a typo, an omission, a swap and another case', () => {
    const names = ['data_dir', 'block_cache_mb', 'compression']
    assert.equal(nearest('data_dri', names), 'data_dir')
    assert.equal(nearest('dataDir', names), 'data_dir')
    assert.equal(nearest('COMPRESSION', names), 'compression')
    assert.equal(nearest('block_cach_mb', names), 'block_cache_mb')
  })

  it('gives nothing when nothing is near', () => {
    assert.equal(nearest('zzz', ['data_dir', 'compression']), undefined)
    assert.equal(nearest('x', []), undefined)
  })

  it('prefers the nearer one, and the first of equals', () => {
    assert.equal(nearest('abcd', ['abxx', 'abcx']), 'abcx')
    assert.equal(nearest('abcd', ['abcx', 'abcy']), 'abcx')
  })

  it('finds any candidate under its own name', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1 }), (names) => {
        for (const name of names) assert.equal(nearest(name, names)?.toLowerCase(), name.toLowerCase())
      }),
    )
  })

  it('finds a name with one character changed', () => {
    const word = fc.stringMatching(/^[a-z]{3,12}$/)
    fc.assert(
      fc.property(word, fc.nat(), (name, at) => {
        const index = at % name.length
        const typo = `${name.slice(0, index)}#${name.slice(index + 1)}`
        assert.equal(nearest(typo, [name]), name)
      }),
    )
  })
})

it('didYouMean is a phrase, or nothing', () => {
  assert.equal(didYouMean('prot', ['port']), '; did you mean "port"?')
  assert.equal(didYouMean('prot', []), '')
})
