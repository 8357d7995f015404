import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { utf8 } from '@orbit-ts/base'
import { Assertion, KeyError, WriteConflict_Reason } from '../gen/kvrpcpb.js'
import { keyFormatter } from '../telemetry/format-key.js'
import {
  assertionOf,
  commitTsExpiredOf,
  conflictOf,
  deadlockOf,
  errorOfKeyError,
  existingKeyOf,
  locksOf,
} from './key-errors.js'

type Fields = Parameters<typeof KeyError.fromPartial>[0]
const format = keyFormatter(false)
const error = (fields: Fields, redacted = false): ReturnType<typeof errorOfKeyError> =>
  errorOfKeyError(KeyError.fromPartial(fields), redacted ? keyFormatter(true) : format)

describe('key errors', () => {
  it('give the conflicting key and transaction, as JSON and typed', () => {
    const conflict = {
      startTs: 1n << 60n,
      conflictTs: 11n,
      conflictCommitTs: 12n,
      key: utf8('k'),
      primary: utf8('p'),
      reason: WriteConflict_Reason.Optimistic,
    }
    const found = error({ conflict })
    assert.equal(found.code, 'TRANSACTION_CONFLICT')
    assert.deepEqual(found.details, {
      key: '6b',
      primary: '70',
      startTs: '1152921504606846976',
      conflictTs: '11',
      conflictCommitTs: '12',
      reason: 'optimistic',
    })
    assert.deepEqual(JSON.parse(JSON.stringify(found.details)), found.details)
    assert.deepEqual(conflictOf(found), { ...conflict, reason: 'optimistic' })
    assert.equal(conflictOf(new Error('other')), undefined)
    assert.equal(error({ conflict }, true).details['key'], '<1 bytes>')
  })

  it('give the cycle of a deadlock', () => {
    const found = error({
      deadlock: {
        lockTs: 5n,
        lockKey: utf8('a'),
        deadlockKeyHash: 9n,
        deadlockKey: utf8('b'),
        waitChain: [{ txn: 1n, waitForTxn: 5n, key: utf8('a') }],
      },
    })
    assert.equal(found.code, 'TRANSACTION_DEADLOCK')
    assert.deepEqual(found.details, {
      lockKey: '61',
      lockTs: '5',
      deadlockKey: '62',
      waitChain: [{ startTs: '1', waitsForStartTs: '5', key: '61' }],
    })
    assert.deepEqual(deadlockOf(found)?.waitChain, [{ startTs: 1n, waitsForStartTs: 5n, key: utf8('a') }])
  })

  it('give what was asserted and what exists', () => {
    const found = error({
      assertionFailed: { startTs: 1n, key: utf8('k'), assertion: Assertion.NotExist, existingCommitTs: 7n },
    })
    assert.equal(found.code, 'ASSERTION_FAILED')
    assert.equal(assertionOf(found)?.assertion, 'not-exist')
    assert.equal(found.details['existingCommitTs'], '7')
  })

  it('name the key that an insert found', () => {
    const found = error({ alreadyExist: { key: utf8('k') } })
    assert.equal(found.code, 'KEY_EXISTS')
    assert.deepEqual(existingKeyOf(found), utf8('k'))
  })

  it('have a code each', () => {
    const key = utf8('k')
    const codes: [Fields, string][] = [
      [{ retryable: 'again' }, 'TRANSACTION_ABORTED'],
      [{ abort: 'no' }, 'TRANSACTION_ABORTED'],
      [{ commitTsTooLarge: { commitTs: 1n } }, 'TRANSACTION_ABORTED'],
      [{ commitTsExpired: { startTs: 1n } }, 'TRANSACTION_ABORTED'],
      [{ txnNotFound: { startTs: 1n } }, 'TRANSACTION_ABORTED'],
      [{ txnLockNotFound: { key } }, 'TRANSACTION_ABORTED'],
      [{ lockUpgradeConflict: { key } }, 'TRANSACTION_ABORTED'],
      [{ sharedLockLost: { key } }, 'TRANSACTION_ABORTED'],
      [{ primaryMismatch: {} }, 'PROTOCOL_VIOLATION'],
      [{ locked: { key, lockVersion: 3n } }, 'LOCK_NOT_AVAILABLE'],
      [{}, 'PROTOCOL_VIOLATION'],
      [{ conflict: { key }, retryable: 'again', abort: 'no' }, 'TRANSACTION_CONFLICT'],
      [{ retryable: 'again', assertionFailed: { key }, abort: 'no' }, 'TRANSACTION_ABORTED'],
      [{ assertionFailed: { key }, abort: 'no' }, 'ASSERTION_FAILED'],
    ]
    for (const [fields, code] of codes)
      assert.equal(error(fields).code, code, JSON.stringify(Object.keys(fields ?? {})))
  })

  it('give locks, those behind a shared one too, and an expired commit timestamp', () => {
    const inner = [
      { key: utf8('k'), lockVersion: 1n },
      { key: utf8('k'), lockVersion: 2n },
    ]
    const versions = (fields: Fields): bigint[] =>
      locksOf(KeyError.fromPartial(fields)).map(({ lockVersion }) => lockVersion)
    assert.deepEqual(versions({ locked: { lockVersion: 7n } }), [7n])
    assert.deepEqual(versions({ locked: { lockVersion: 7n, sharedLockInfos: inner } }), [1n, 2n])
    assert.deepEqual(versions({ abort: 'no' }), [])
    const expired = { startTs: 1n, attemptedCommitTs: 2n, minCommitTs: 3n, key: utf8('k') }
    assert.deepEqual(commitTsExpiredOf(KeyError.fromPartial({ commitTsExpired: expired })), expired)
  })
})
