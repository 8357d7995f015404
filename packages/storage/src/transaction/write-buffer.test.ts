import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '@orbit-ts/base'
import { WriteBuffer } from './write-buffer.js'

const bytes = (text: string): Uint8Array => Buffer.from(text)
const KIB = 1024
const value = new Uint8Array(KIB)
const tooLarge = (error: unknown): boolean => hasCode(error, 'TRANSACTION_TOO_LARGE')

function contents(buffer: WriteBuffer): string[] {
  return [...buffer.entries()]
    .map(([id, { value: v, mustBeAbsent }]) => `${id}=${String(v?.[0])}${mustBeAbsent ? '!' : ''}`)
    .sort()
}

test('what savepoints keep counts towards the size limit', () => {
  const buffer = new WriteBuffer(10 * KIB)
  let rounds = 0
  const fill = (): void => {
    for (; ; rounds++) {
      buffer.savepoint()
      buffer.put(bytes('k'), value)
    }
  }
  assert.throws(fill, tooLarge)
  assert.equal(rounds, 8)
  assert.equal(buffer.sizeBytes, KIB + 1)
})

test('savepoints without writes count too', () => {
  const buffer = new WriteBuffer(KIB)
  const [first] = Array.from({ length: 16 }, () => buffer.savepoint())
  assert.throws(() => buffer.savepoint(), tooLarge)
  assert.throws(() => buffer.put(bytes('k'), bytes('')), tooLarge)
  buffer.rollbackTo(first ?? { id: 0 })
  buffer.put(bytes('k'), bytes(''))
  assert.equal(buffer.count, 1)
})

test('a key that is written again and again behind one savepoint is kept once', () => {
  const buffer = new WriteBuffer(10 * KIB)
  buffer.put(bytes('k'), bytes('before'))
  const savepoint = buffer.savepoint()
  for (let i = 0; i < 1000; i++) buffer.put(bytes('k'), value)
  buffer.rollbackTo(savepoint)
  assert.equal(Buffer.from(buffer.get('k')?.value ?? []).toString(), 'before')
})

test('going back frees what was kept', () => {
  const buffer = new WriteBuffer(10 * KIB)
  const savepoint = buffer.savepoint()
  for (let round = 0; round < 100; round++) {
    for (let i = 0; i < 4; i++) {
      buffer.savepoint()
      buffer.put(bytes('k'), value)
    }
    buffer.rollbackTo(savepoint)
  }
  assert.equal(buffer.count, 0)
  assert.equal(buffer.sizeBytes, 0)
})

test('a savepoint that is released keeps nothing, beside what the one before it needs', () => {
  const buffer = new WriteBuffer(4 * KIB)
  for (const outer of [undefined, buffer.savepoint()]) {
    for (let round = 0; round < 100; round++) {
      const savepoint = buffer.savepoint()
      buffer.put(bytes('k'), value)
      buffer.release(savepoint)
      assert.throws(() => buffer.rollbackTo(savepoint), /is gone/)
    }
    if (outer === undefined) continue
    buffer.rollbackTo(outer)
    assert.equal(buffer.count, 0)
  }
})

test('going back gives exactly the state at the savepoint', () => {
  const step = fc.oneof(
    fc.record({ type: fc.constantFrom('put', 'insert', 'delete'), key: fc.nat(3), value: fc.nat(9) }),
    fc.record({ type: fc.constant('savepoint'), key: fc.constant(0), value: fc.constant(0) }),
    fc.record({ type: fc.constantFrom('rollback', 'release'), key: fc.nat(9), value: fc.constant(0) }),
  )
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const buffer = new WriteBuffer(KIB * KIB)
      let points: { id: number; expected: string[] }[] = []
      for (const { type, key, value: v } of steps) {
        const name = bytes(`k${key}`)
        if (type === 'put') buffer.put(name, Uint8Array.of(v))
        else if (type === 'delete') buffer.delete(name)
        else if (type === 'insert') {
          if (buffer.get(`k${key}`)?.value === undefined) buffer.insert(name, Uint8Array.of(v))
        } else if (type === 'savepoint') {
          points.push({ ...buffer.savepoint(), expected: contents(buffer) })
        } else {
          const point = points[key % Math.max(1, points.length)]
          if (point === undefined) continue
          if (type === 'release') {
            buffer.release(point)
            points = points.filter(({ id }) => id < point.id)
            continue
          }
          buffer.rollbackTo(point)
          assert.deepEqual(contents(buffer), point.expected)
          points = points.filter(({ id }) => id <= point.id)
        }
      }
    }),
  )
})
