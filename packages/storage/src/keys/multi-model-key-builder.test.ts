import { deepEqual, equal, notEqual, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { compareBytes, hasCode, toHex } from '@orbit-ts/base'
import { byteStrings } from './key-arbitraries.test.data.js'
import { type Part, sampleKinds } from './key-samples.test.data.js'
import { multiModelKeys as keys } from './multi-model-key-builder.js'
import type { ParsedKey } from './parse-key.js'

function compareParts(a: readonly Part[], b: readonly Part[]): number {
  for (const [index, left] of a.entries()) {
    const right = b[index]
    if (typeof left === 'string' && typeof right === 'string') {
      const order = compareBytes(Buffer.from(left), Buffer.from(right))
      if (order !== 0) return order
    } else if (right !== undefined && left !== right) return left < right ? -1 : 1
  }
  return 0
}

describe('multi-model keys', () => {
  it('come back as what they were built from', () => {
    fc.assert(
      fc.property(fc.oneof(...sampleKinds), ({ key, parsed }) => deepEqual(keys.parse(key), parsed)),
      { numRuns: 2000 },
    )
  })

  it('sort by their arguments', () => {
    for (const kind of sampleKinds) {
      fc.assert(
        fc.property(kind, kind, (a, b) => {
          // Entries with mixed values have no order of their own beyond that of datums.
          if (a.kind === '' || a.kind !== b.kind) return
          equal(Math.sign(compareBytes(a.key, b.key)), Math.sign(compareParts(a.parts, b.parts)))
        }),
      )
    }
  })

  it('never collide, across all kinds', () => {
    const show = (parsed: ParsedKey): string =>
      JSON.stringify(parsed, (_, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value))
    fc.assert(
      fc.property(fc.array(fc.oneof(...sampleKinds), { minLength: 50, maxLength: 100 }), (samples) => {
        const seen = new Map<string, string>()
        for (const { key, parsed } of samples) {
          const before = seen.get(toHex(key))
          if (before !== undefined) equal(show(parsed), before)
          seen.set(toHex(key), show(parsed))
        }
      }),
    )
  })

  it('keep a colon, a zero and an empty id apart', () => {
    notEqual(
      toHex(keys.actor.directory({ type: 'a:b', key: 'c' })),
      toHex(keys.actor.directory({ type: 'a', key: 'b:c' })),
    )
    notEqual(
      toHex(keys.graph.edge(1, { fromId: 'a\0', typeId: 1, toId: '' }, 'out')),
      toHex(keys.graph.edge(1, { fromId: 'a', typeId: 1, toId: '\0' }, 'out')),
    )
    deepEqual(keys.parse(keys.document.record(1, '')), {
      model: 'document',
      kind: 'record',
      collectionId: 1,
      id: '',
    })
  })

  it('use no first byte of TiDB or TiKV, apart from the tables', () => {
    fc.assert(
      fc.property(fc.oneof(...sampleKinds), ({ key, parsed }) => {
        const first = String.fromCharCode(key[0] ?? 0)
        equal(first === 't', parsed.model === 'relational')
        equal('mxrz'.includes(first), false)
      }),
    )
  })

  it('refuse lone surrogates and ids that are none', () => {
    const bad: (() => unknown)[] = [
      () => keys.document.record(1, '\ud800'),
      () => keys.graph.edge(1, { fromId: 'a', typeId: 1, toId: 'x\udc00y' }, 'in'),
      () => keys.actor.directory({ type: `${'x'.repeat(40)}\ud800`, key: '' }),
      () => keys.document.record(-1, 'a'),
      () => keys.document.record(1.5, 'a'),
      () => keys.vector.centroid(1, 2 ** 53, 0),
      () => keys.relational.row(Number.NaN, 1),
      () => keys.timeSeries.point(1, 1, 0, -1),
      () => keys.timeSeries.point(1, 1, 0, 2 ** 32),
      () => keys.timeSeries.point(1, 1, 0.5),
    ]
    for (const build of bad) throws(build, (error) => hasCode(error, 'INVALID_ARGUMENT'))
  })

  it('refuse malformed bytes with STORAGE_CORRUPT only', () => {
    const first = fc.constantFrom(...'tdgvsac_mxr'.split('').map((letter) => letter.charCodeAt(0)))
    fc.assert(
      fc.property(first, byteStrings, (byte, rest) => {
        try {
          const key = Uint8Array.of(byte, ...rest)
          equal(keys.parse(key).kind.length > 0, true)
        } catch (error) {
          equal(hasCode(error, 'STORAGE_CORRUPT'), true, String(error))
        }
      }),
      { numRuns: 2000 },
    )
    throws(
      () => keys.parse(new Uint8Array()),
      (error) => hasCode(error, 'STORAGE_CORRUPT'),
    )
  })

  it('cut anywhere, a key is another key or malformed, never the same', () => {
    fc.assert(
      fc.property(fc.oneof(...sampleKinds), fc.nat(), ({ key, parsed }, at) => {
        const cut = key.subarray(0, at % key.length)
        try {
          notEqual(JSON.stringify(keys.parse(cut), hideBigInt), JSON.stringify(parsed, hideBigInt))
        } catch (error) {
          equal(hasCode(error, 'STORAGE_CORRUPT'), true, String(error))
        }
      }),
    )
  })
})

function hideBigInt(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? String(value) : value
}
