import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, toBinaryString, utf8 } from '@orbit-ts/base'
import { Assertion, Op, PrewriteRequest_PessimisticAction } from '../../gen/kvrpcpb.js'
import { FlagChanges, KeyFlag } from '../buffer/key-flags.js'
import { TransactionBuffer } from '../buffer/transaction-buffer.js'
import { lockingItems, prepareMutations, type MutationRules } from './mutations.js'

const { SKIP_PESSIMISTIC_CHECK, DO_PESSIMISTIC_CHECK, DO_CONSTRAINT_CHECK } =
  PrewriteRequest_PessimisticAction
const OPTIMISTIC: MutationRules = { pessimistic: false, assertions: false }
const key = utf8

function newBuffer(): TransactionBuffer {
  return new TransactionBuffer({ keyBytesMax: 100, entryBytesMax: 1000, transactionBytesMax: 10_000 })
}

function ops(buffer: TransactionBuffer, rules: MutationRules): (readonly [string, Op])[] {
  const set = prepareMutations(buffer, rules)
  return (set?.items ?? []).map(({ mutation }) => [fromUtf8(mutation.key), mutation.op] as const)
}

describe('prepareMutations', () => {
  it('gives nothing for an empty buffer, or one with flags only', () => {
    const buffer = newBuffer()
    assert.equal(prepareMutations(buffer, OPTIMISTIC), undefined)
    buffer.updateFlags(key('a'), FlagChanges.assertExist)
    assert.equal(prepareMutations(buffer, OPTIMISTIC), undefined)
  })

  it('makes one mutation of each key, in key order, the first as primary', () => {
    const buffer = newBuffer()
    buffer.put(key('c'), key('value'))
    buffer.delete(key('b'))
    buffer.updateFlags(key('a'), { set: KeyFlag.Locked })
    buffer.put(key('d'), new Uint8Array(), FlagChanges.presumeNotExists)
    assert.deepEqual(ops(buffer, OPTIMISTIC), [
      ['a', Op.Lock],
      ['b', Op.Del],
      ['c', Op.Put],
      ['d', Op.Insert],
    ])
    const set = prepareMutations(buffer, OPTIMISTIC)
    assert.equal(fromUtf8(set?.primary ?? new Uint8Array()), 'a')
    assert.equal(set?.bytes, 4 + 5)
    assert.equal(set.keyBytes, 4)
    assert.equal(set.hasChecks, false)
    assert.equal(lockingItems(set), set.items)
  })

  it('only checks a key that was inserted and deleted, and does not make it the primary', () => {
    const buffer = newBuffer()
    buffer.put(key('a'), key('1'), FlagChanges.presumeNotExists)
    buffer.delete(key('a'))
    buffer.put(key('b'), key('1'))
    assert.deepEqual(ops(buffer, OPTIMISTIC), [
      ['b', Op.Put],
      ['a', Op.CheckNotExists],
    ])
    const set = prepareMutations(buffer, OPTIMISTIC)
    assert.ok(set !== undefined)
    assert.deepEqual(
      lockingItems(set).map(({ mutation }) => fromUtf8(mutation.key)),
      ['b'],
    )
  })

  it('takes the first key as primary when all are only checked', () => {
    const buffer = newBuffer()
    for (const name of ['a', 'b']) {
      buffer.put(key(name), key('1'), FlagChanges.presumeNotExists)
      buffer.delete(key(name))
    }
    const set = prepareMutations(buffer, OPTIMISTIC)
    assert.equal(fromUtf8(set?.primary ?? new Uint8Array()), 'a')
    assert.ok(set !== undefined)
    assert.deepEqual(lockingItems(set), [])
  })

  it('puts the primary of a pessimistic transaction first, and says how each key is checked', () => {
    const buffer = newBuffer()
    buffer.put(key('a'), key('1'))
    buffer.updateFlags(key('m'), FlagChanges.lockedValueExists)
    buffer.put(key('z'), key('1'))
    buffer.updateFlags(key('z'), FlagChanges.lockedValueMissing)
    const set = prepareMutations(buffer, {
      pessimistic: true,
      assertions: false,
      primary: key('m'),
      lockConstraints: new Map([[toBinaryString(key('z')), 7n]]),
    })
    assert.deepEqual(
      set?.items.map(({ mutation, action, expectedForUpdateTs }) => [
        fromUtf8(mutation.key),
        action,
        expectedForUpdateTs,
      ]),
      [
        ['m', DO_PESSIMISTIC_CHECK, undefined],
        ['a', DO_CONSTRAINT_CHECK, undefined],
        ['z', DO_PESSIMISTIC_CHECK, 7n],
      ],
    )
    const optimistic = prepareMutations(buffer, OPTIMISTIC)
    assert.ok(optimistic?.items.every(({ action }) => action === SKIP_PESSIMISTIC_CHECK))
  })

  it('leaves a locked key that was inserted and deleted as a lock: its absence is proven', () => {
    const buffer = newBuffer()
    buffer.put(key('a'), key('1'), FlagChanges.presumeNotExists)
    buffer.updateFlags(key('a'), FlagChanges.lockedValueMissing)
    buffer.delete(key('a'))
    assert.deepEqual(ops(buffer, { pessimistic: true, assertions: false, primary: key('a') }), [
      ['a', Op.Lock],
    ])
  })

  it('leaves out what takes no part, and what was newly inserted and deleted', () => {
    const buffer = newBuffer()
    buffer.put(key('a'), key('1'), { set: KeyFlag.IgnoredInCommit })
    buffer.put(key('b'), key('1'), { set: KeyFlag.NewlyInserted })
    buffer.delete(key('b'))
    buffer.put(key('c'), key('1'))
    assert.deepEqual(ops(buffer, OPTIMISTIC), [['c', Op.Put]])
  })

  it('carries assertions when they are asked for', () => {
    const buffer = newBuffer()
    buffer.put(key('a'), key('1'), FlagChanges.assertExist)
    buffer.put(key('b'), key('1'), FlagChanges.assertNotExist)
    buffer.put(key('c'), key('1'), FlagChanges.assertUnknown)
    const assertions = (asked: boolean): (Assertion | undefined)[] | undefined =>
      prepareMutations(buffer, { pessimistic: false, assertions: asked })?.items.map(
        ({ mutation }) => mutation.assertion,
      )
    assert.deepEqual(assertions(true), [Assertion.Exist, Assertion.NotExist, Assertion.None])
    assert.deepEqual(assertions(false), [Assertion.None, Assertion.None, Assertion.None])
  })
})
