import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import type { Row } from '../../../scalar/value.js'
import { Cursor } from './cursors.js'

/** Over the rows 1 to 5, read two at a time. */
function cursor(isScrollable: boolean): { cursor: Cursor; closed: () => boolean } {
  let isClosed = false
  const batches = (async function* (): AsyncGenerator<Row[]> {
    try {
      yield [[1], [2]]
      yield [[3], [4]]
      yield [[5]]
    } finally {
      isClosed = true
    }
  })()
  const options = { isHoldable: false, isScrollable, text: '', createdMicros: 0 }
  return {
    cursor: new Cursor('c', { columns: [], ending: new AbortController(), batches }, options),
    closed: () => isClosed,
  }
}

const numbers = (rows: readonly Row[]): unknown[] => rows.map(([value]) => value)

describe('cursors', () => {
  for (const isScrollable of [false, true]) {
    test(`read forward to the end${isScrollable ? ', scrolling' : ''}`, async () => {
      const { cursor: c } = cursor(isScrollable)
      assert.deepEqual(numbers(await c.fetch({ kind: 'forward', count: 1 })), [1])
      assert.deepEqual(numbers(await c.fetch({ kind: 'forward', count: 3 })), [2, 3, 4])
      assert.deepEqual(numbers(await c.fetch({ kind: 'forward', count: Infinity })), [5])
      assert.deepEqual(numbers(await c.fetch({ kind: 'forward', count: 1 })), [])
    })
  }

  test('scroll', async () => {
    const { cursor: c } = cursor(true)
    assert.deepEqual(numbers(await c.fetch({ kind: 'absolute', position: 3 })), [3])
    assert.deepEqual(numbers(await c.fetch({ kind: 'forward', count: 0 })), [3])
    assert.deepEqual(numbers(await c.fetch({ kind: 'backward', count: 1 })), [2])
    assert.deepEqual(numbers(await c.fetch({ kind: 'relative', position: 2 })), [4])
    assert.deepEqual(numbers(await c.fetch({ kind: 'absolute', position: -1 })), [5])
    assert.deepEqual(numbers(await c.fetch({ kind: 'backward', count: Infinity })), [4, 3, 2, 1])
    assert.deepEqual(numbers(await c.fetch({ kind: 'backward', count: 1 })), [])
    assert.deepEqual(numbers(await c.fetch({ kind: 'forward', count: 2 })), [1, 2])
    assert.deepEqual(numbers(await c.fetch({ kind: 'absolute', position: 9 })), [])
    assert.deepEqual(numbers(await c.fetch({ kind: 'backward', count: 1 })), [5])
    assert.deepEqual(numbers(await c.fetch({ kind: 'absolute', position: 0 })), [])
    assert.deepEqual(numbers(await c.fetch({ kind: 'forward', count: -1 })), [])
  })

  test('one that does not scroll refuses to go back', async () => {
    const { cursor: c } = cursor(false)
    await c.fetch({ kind: 'forward', count: 2 })
    await assert.rejects(c.fetch({ kind: 'backward', count: 1 }), { reason: 'cursor can only scan forward' })
    assert.deepEqual(numbers(await c.fetch({ kind: 'relative', position: 1 })), [3])
  })

  test('one that does not scroll goes on to any row ahead of it', async () => {
    const { cursor: c } = cursor(false)
    await c.fetch({ kind: 'forward', count: 1 })
    assert.deepEqual(numbers(await c.fetch({ kind: 'absolute', position: 3 })), [3])
    assert.deepEqual(numbers(await c.fetch({ kind: 'relative', position: 2 })), [5])
    assert.deepEqual(numbers(await c.fetch({ kind: 'absolute', position: 9 })), [])
    await assert.rejects(c.fetch({ kind: 'absolute', position: -1 }), {
      reason: 'cursor can only scan forward',
    })
  })

  test('closing closes the query', async () => {
    const { cursor: c, closed } = cursor(false)
    await c.fetch({ kind: 'forward', count: 1 })
    await c.close()
    assert.equal(closed(), true)
  })
})
