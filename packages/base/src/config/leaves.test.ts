import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '../errors/orbit-error.js'
import type { LeafField, ParseContext } from './field.js'
import { boolean, integer, list, number, oneOf, secret, string } from './leaves.js'
import { Secret } from './secret.js'

const inFile: ParseContext = { text: false, native: false, env: {}, readTextFile: () => '' }
const asText: ParseContext = { ...inFile, text: true }

function value(field: LeafField, raw: unknown, context = inFile): unknown {
  const parsed = field.leaf.parse(raw, context)
  assert.ok(parsed.ok, parsed.ok ? '' : parsed.message)
  return parsed.value
}

function refusal(field: LeafField, raw: unknown, context = inFile): string {
  const parsed = field.leaf.parse(raw, context)
  assert.ok(!parsed.ok, 'the value was accepted')
  return parsed.message
}

describe('string', () => {
  it('takes text, empty only when allowed', () => {
    assert.equal(value(string(), 'a'), 'a')
    assert.equal(value(string({ allowEmpty: true }), ''), '')
    assert.equal(refusal(string(), ''), 'must not be empty')
    assert.equal(refusal(string(), 3), 'must be a string')
  })

  it('asks validate', () => {
    const field = string({ validate: (text) => (text.startsWith('/') ? undefined : 'must begin with "/"') })
    assert.equal(value(field, '/a'), '/a')
    assert.equal(refusal(field, 'a'), 'must begin with "/"')
  })
})

describe('integer and number', () => {
  it('takes what is in range and says the range otherwise', () => {
    const field = integer({ min: 1, max: 4096, unit: 'MiB' })
    assert.equal(value(field, 1), 1)
    assert.equal(value(field, 4096), 4096)
    for (const raw of [0, 4097, 1.5, '7', true, null, Number.NaN, 2 ** 60]) {
      assert.equal(refusal(field, raw), 'must be an integer 1 to 4096 MiB')
    }
    assert.equal(refusal(number({ min: 0 }), -0.5), 'must be a number 0 or more')
    assert.equal(refusal(number({ max: 1 }), Infinity), 'must be a number 1 or less')
    assert.equal(value(number(), 0.25), 0.25)
  })

  it('reads any safe integer back from its text, and from text only where text is given', () => {
    fc.assert(fc.property(fc.maxSafeInteger(), (n) => assert.equal(value(integer(), String(n), asText), n)))
    assert.equal(refusal(integer(), '5'), 'must be an integer')
  })

  it('refuses text that Number() would take', () => {
    for (const text of ['', ' ', '0x10', '1_000', 'Infinity', '1e', '12 MiB']) {
      assert.equal(refusal(number(), text, asText), 'must be a number')
    }
  })
})

describe('boolean', () => {
  it('knows its words in text only', () => {
    for (const word of ['true', 'TRUE', '1', 'yes', 'on']) assert.equal(value(boolean(), word, asText), true)
    for (const word of ['false', 'False', '0', 'no', 'off'])
      assert.equal(value(boolean(), word, asText), false)
    assert.equal(refusal(boolean(), 'true'), 'must be true or false')
    assert.equal(refusal(boolean(), 'maybe', asText), 'must be true or false')
    assert.equal(refusal(boolean(), 1), 'must be true or false')
  })
})

describe('oneOf', () => {
  const field = oneOf(['none', 'gzip', 'read-only'], { words: { true: 'gzip', gz: 'gzip' } })

  it('ignores case and separators, and knows other words and booleans that stand for a value', () => {
    assert.equal(value(field, 'Gzip'), 'gzip')
    assert.equal(value(field, 'ReadOnly'), 'read-only')
    assert.equal(value(field, 'read_only'), 'read-only')
    assert.equal(value(field, 'GZ'), 'gzip')
    assert.equal(value(field, true), 'gzip')
  })

  it('names the values and the nearest one', () => {
    assert.equal(refusal(field, 'gizp'), 'must be one of "none", "gzip", "read-only"; did you mean "gzip"?')
    assert.equal(refusal(field, false), 'must be one of "none", "gzip", "read-only"')
    assert.equal(refusal(field, 1), 'must be one of "none", "gzip", "read-only"')
  })
})

describe('list', () => {
  const field = list(integer({ min: 0 }), { itemsMin: 1, itemsMax: 3 })

  it('parses each item and names the one at fault', () => {
    assert.deepEqual(value(field, [1, 2]), [1, 2])
    assert.equal(refusal(field, [1, -2]), 'item 2 must be an integer 0 or more')
    assert.equal(refusal(field, []), 'must have 1 items or more, not 0')
    assert.equal(refusal(field, [1, 2, 3, 4]), 'must have 3 items or fewer, not 4')
    assert.equal(refusal(field, 'a'), 'must be a list')
  })

  it('splits text at commas, or reads a JSON array', () => {
    assert.deepEqual(value(field, '1, 2', asText), [1, 2])
    assert.deepEqual(value(field, '[3,4]', asText), [3, 4])
    assert.deepEqual(value(list(string()), '["a,b","c"]', asText), ['a,b', 'c'])
    assert.equal(refusal(field, '[3', asText), 'must be a list')
  })

  it('refuses an item with a default', () => {
    assert.throws(
      () => list(integer({ default: 1 })),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
  })
})

describe('secret', () => {
  const context: ParseContext = {
    ...inFile,
    env: { KEY: 'from env', EMPTY: '' },
    readTextFile: (path) => {
      if (path === '/run/key') return 'from file\n'
      if (path === '/run/empty') return '\n'
      throw Object.assign(new Error('no such file'), { code: 'ENOENT' })
    },
  }
  const reveal = (raw: unknown): string => {
    const found = value(secret(), raw, context)
    assert.ok(found instanceof Secret)
    return found.reveal()
  }

  it('is a string, a Secret, or names a variable or a file', () => {
    assert.equal(reveal('plain'), 'plain')
    assert.equal(reveal(new Secret('wrapped')), 'wrapped')
    assert.equal(reveal({ env: 'KEY' }), 'from env')
    assert.equal(reveal({ file: '/run/key' }), 'from file')
  })

  it('says what is missing', () => {
    assert.equal(
      refusal(secret(), { env: 'NO' }, context),
      'names the environment variable NO, which is not set',
    )
    assert.equal(
      refusal(secret(), { env: 'EMPTY' }, context),
      'names the environment variable EMPTY, which is not set',
    )
    assert.equal(
      refusal(secret(), { file: '/no' }, context),
      'names the file "/no", which cannot be read (ENOENT)',
    )
    assert.equal(
      refusal(secret(), { file: '/run/empty' }, context),
      'names the file "/run/empty", which is empty',
    )
    assert.equal(refusal(secret(), '', context), 'must not be empty')
    for (const raw of [3, null, {}, { env: 'KEY', file: '/x' }, { path: '/x' }, { env: 1 }]) {
      assert.equal(refusal(secret(), raw, context), 'must be a string, { env = "NAME" } or { file = "path" }')
    }
  })
})

it('a default that breaks its own rules is refused when the schema is built', () => {
  assert.throws(
    () => integer({ min: 5, default: 1 }),
    (error) =>
      hasCode(error, 'INVALID_ARGUMENT') && error.reason === 'a default must be an integer 5 or more',
  )
})
