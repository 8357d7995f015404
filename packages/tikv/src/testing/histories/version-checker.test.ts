import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { HistoryTransaction, Version } from './history.js'
import { CONCURRENT, range, read, transaction, version, write } from './history-fixture.fake.js'
import { checkVersions } from './version-checker.js'

function kinds(
  history: readonly HistoryTransaction[],
  versions: Readonly<Record<string, readonly Version[]>>,
): string[] {
  return checkVersions(history, new Map(Object.entries(versions))).map(({ kind }) => kind)
}

const first = transaction(1, [write('x', 'a#1'), write('y', 'b#1')])
const firstVersions = { x: [version(1, 'a#1')], y: [version(1, 'b#1')] }

describe('the checker of versions', () => {
  it('accepts what reads and writes must see and leave', () => {
    const history = [
      first,
      transaction(2, [read('x', 'a#1'), write('x', undefined), read('x', undefined)]),
      transaction(3, [read('x', undefined), range('a', 'z', { y: 'b#1' })]),
      transaction(4, [write('z', 'c#4')], { outcome: 'aborted' }),
      transaction(5, [write('z', 'd#5')], { outcome: 'undetermined', commitTs: undefined }),
      transaction(6, [read('y', 'b#1', true), write('y', 'e#6'), range('x', 'z', { y: 'e#6' })]),
    ]
    const versions = {
      x: [...firstVersions.x, version(2, undefined)],
      y: [...firstVersions.y, version(6, 'e#6')],
      z: [version(5, 'd#5')],
    }
    assert.deepEqual(kinds(history, versions), [])
  })

  it('finds writes that are lost, torn, of a failed transaction, or from nowhere', () => {
    assert.deepEqual(kinds([first], { x: firstVersions.x }), ['lost-write'])
    assert.deepEqual(kinds([{ ...first, outcome: 'undetermined' }], { x: firstVersions.x }), ['torn'])
    assert.deepEqual(kinds([{ ...first, outcome: 'aborted' }], firstVersions), ['aborted-write'])
    assert.deepEqual(kinds([first], { ...firstVersions, z: [version(7, 'q#7')] }), ['from-nowhere'])
    assert.deepEqual(kinds([first], { ...firstVersions, x: [version(1, 'q#1')] }), ['from-nowhere'])
  })

  it('finds commit timestamps that differ from each other, or from what was acknowledged', () => {
    const late = { ...version(1, 'b#1'), commitTs: 17n }
    assert.deepEqual(kinds([first], { ...firstVersions, y: [late] }), ['torn', 'timestamps'])
    assert.deepEqual(kinds([{ ...first, commitTs: 16n }], firstVersions), ['timestamps'])
    const early = { ...version(1, 'a#1'), commitTs: 9n }
    const one = transaction(1, [write('x', 'a#1')], { commitTs: 9n })
    assert.deepEqual(kinds([one], { x: [early] }), ['timestamps'])
  })

  it('finds reads that are stale, too new, or of half a range', () => {
    assert.deepEqual(kinds([first, transaction(2, [read('x', undefined)])], firstVersions), ['wrong-read'])
    const tooNew = transaction(0, [read('x', 'a#1')])
    assert.deepEqual(kinds([tooNew, first], firstVersions), ['wrong-read'])
    assert.deepEqual(kinds([first, transaction(2, [range('a', 'z', { x: 'a#1' })])], firstVersions), [
      'wrong-read',
    ])
  })

  it('finds a lock under which the value changed', () => {
    const other = transaction(2, [write('x', 'n#2')], CONCURRENT)
    const locker = transaction(3, [read('x', 'a#1', true), write('y', 'm#3')], CONCURRENT)
    const versions = {
      x: [...firstVersions.x, version(2, 'n#2')],
      y: [...firstVersions.y, version(3, 'm#3')],
    }
    assert.deepEqual(kinds([first, other, locker], versions), ['wrong-read'])
  })

  it('finds a lost update', () => {
    const other = transaction(2, [write('x', 'n#2')], CONCURRENT)
    const writer = transaction(3, [write('x', 'm#3')], { ...CONCURRENT, startTs: 15n })
    const versions = {
      ...firstVersions,
      x: [...firstVersions.x, version(2, 'n#2'), { ...version(3, 'm#3'), startTs: 15n }],
    }
    assert.deepEqual(kinds([first, other, writer], versions), ['lost-update'])
  })

  it('finds a serializable transaction whose reads had changed when it committed', () => {
    const other = transaction(2, [write('x', 'n#2')], CONCURRENT)
    const changes = { ...CONCURRENT, startTs: 18n }
    const operations = [read('x', 'a#1'), write('y', 'm#3')]
    const versions = {
      x: [...firstVersions.x, version(2, 'n#2')],
      y: [...firstVersions.y, { ...version(3, 'm#3'), startTs: 18n }],
    }
    assert.deepEqual(kinds([first, other, transaction(3, operations, changes)], versions), [])
    const serializable = transaction(3, operations, { ...changes, isolation: 'serializable' })
    assert.deepEqual(kinds([first, other, serializable], versions), ['wrong-read'])
  })

  it('finds a transaction that started before what had been acknowledged when it began', () => {
    const late = transaction(2, [], { startTs: 12n })
    assert.deepEqual(kinds([first, late], firstVersions), ['realtime'])
    assert.deepEqual(kinds([first, { ...late, begunAt: 14 }], firstVersions), [])
  })
})
