import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { assert as orbitAssert, defined, unreachable } from './assert.js'
import { ERROR_CODES, type ErrorCode } from './codes.js'
import { hasCode, OrbitError } from './orbit-error.js'

describe('OrbitError', () => {
  it('carries code, reason, details and cause', () => {
    const cause = new Error('disk')
    const error = new OrbitError('STORAGE_IO', 'cannot write "x"', { path: 'x' }, { cause })
    assert.equal(error.message, 'STORAGE_IO: cannot write "x"')
    assert.equal(error.reason, 'cannot write "x"')
    assert.equal(error.name, 'OrbitError')
    assert.deepEqual(error.details, { path: 'x' })
    assert.equal(error.cause, cause)
    assert.ok(error instanceof Error)
    assert.deepEqual(new OrbitError('ABORTED', 'x').details, {})
  })

  it('takes what may be done next from the table', () => {
    assert.equal(new OrbitError('TRANSACTION_CONFLICT', 'x').retry, 'safe')
    assert.equal(new OrbitError('COMMIT_UNDETERMINED', 'x').retry, 'undetermined')
    assert.equal(new OrbitError('INVALID_ARGUMENT', 'x').retry, 'never')
  })

  it('is recognised by its brand, also when another copy of the package made it', () => {
    const foreign = Object.assign(new Error('x'), { [Symbol.for('orbit-ts.error')]: true, code: 'ABORTED' })
    assert.ok(foreign instanceof OrbitError)
    assert.ok(hasCode(foreign, 'ABORTED'))
    for (const other of [new Error('x'), null, undefined, 'x', {}])
      assert.equal(other instanceof OrbitError, false)
  })

  it('from keeps an OrbitError and wraps anything else', () => {
    const error = new OrbitError('ABORTED', 'x')
    assert.equal(OrbitError.from(error, 'STORAGE_IO'), error)
    const cause = new Error('disk')
    const wrapped = OrbitError.from(cause, 'STORAGE_IO')
    assert.equal(wrapped.message, 'STORAGE_IO: disk')
    assert.equal(wrapped.cause, cause)
    assert.equal(OrbitError.from('odd').message, 'INTERNAL: odd')
  })

  it('hasCode tells codes apart', () => {
    assert.equal(hasCode(new OrbitError('ABORTED', 'x'), 'ABORTED'), true)
    assert.equal(hasCode(new OrbitError('ABORTED', 'x'), 'INTERNAL'), false)
    assert.equal(hasCode(Object.assign(new Error('x'), { code: 'ABORTED' }), 'ABORTED'), false)
  })
})

describe('ERROR_CODES', () => {
  it('has a sentence and an HTTP status for each code', () => {
    for (const [code, { http, description }] of Object.entries(ERROR_CODES)) {
      assert.match(code, /^[A-Z]+(_[A-Z]+)*$/)
      assert.ok(http >= 400 && http < 600, code)
      assert.match(description, /^[A-Z].*\.$/, code)
    }
  })

  it('answers retryable codes with a status that says so', () => {
    const safe = Object.entries(ERROR_CODES).filter(([, row]) => row.retry === 'safe')
    for (const [code, { http }] of safe) assert.ok([408, 409, 499, 503, 504].includes(http), code)
    const undetermined = Object.entries(ERROR_CODES).filter(([, row]) => row.retry === 'undetermined')
    assert.deepEqual(
      undetermined.map(([code]): string => code),
      ['COMMIT_UNDETERMINED' satisfies ErrorCode],
    )
  })
})

describe('assertions', () => {
  const internal = (reason: string) => (error: unknown) =>
    hasCode(error, 'INTERNAL') && error.reason === reason

  it('assert states an invariant', () => {
    orbitAssert('x', 'a value that counts as true')
    assert.throws(
      () => orbitAssert(false, 'it holds', { a: 1 }),
      internal('invariant does not hold: it holds'),
    )
  })

  it('defined passes every value but undefined and null', () => {
    for (const value of [0, '', false]) assert.equal(defined(value, 'value'), value)
    for (const value of [undefined, null]) {
      assert.throws(() => defined(value, 'the row'), internal('invariant does not hold: the row is present'))
    }
  })

  it('unreachable names what it met', () => {
    assert.throws(() => unreachable('x' as never, 'kind'), internal('unknown kind: x'))
  })
})
