import assert from 'node:assert/strict'
import { test } from 'node:test'
import { TestEnv } from '@orbit-ts/base'
import { DOCUMENT_ID_SIZE_MAX_BYTES, UuidGenerator, idProblem } from './document-id.js'

test('ids', () => {
  for (const id of ['a', ' ', '😀', 'a\u0000b', 'x'.repeat(DOCUMENT_ID_SIZE_MAX_BYTES)]) {
    assert.equal(idProblem(id), undefined)
  }
  assert.equal(idProblem(5), 'is 5; it must be a string')
  assert.equal(idProblem(null), 'is null; it must be a string')
  assert.equal(idProblem(''), 'is empty; leave it out to have one generated')
  assert.equal(idProblem('é'.repeat(257)), 'takes 514 bytes; at most 512 are accepted')
  assert.match(idProblem('\ud800') ?? '', /not well-formed Unicode$/)
})

test('UUIDs of version 7 hold the time and sort in the order in which they are made', () => {
  const nowMs = 0x0123_4567_89ab
  const generator = new UuidGenerator(new TestEnv({ seed: 7 }))
  const made = Array.from({ length: 10_000 }, () => generator.next(nowMs))
  const pattern = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/
  for (const id of made) assert.match(id, pattern)
  assert.equal(made[0]?.slice(0, 13), '01234567-89ab')
  assert.deepEqual(made.toSorted(), made)
  assert.equal(new Set(made).size, made.length)
  const earlier = generator.next(nowMs - 1000)
  assert(earlier > (made.at(-1) ?? ''))
  assert.equal(generator.next(nowMs + 60_000).slice(0, 13), '01234568-740b')
})

test('the same seed gives the same ids', () => {
  const make = (): string[] => {
    const generator = new UuidGenerator(new TestEnv({ seed: 3 }))
    return [generator.next(1), generator.next(1), generator.next(2)]
  }
  assert.deepEqual(make(), make())
})
