import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fromUtf8, hasCode, utf8 } from '@orbit-ts/base'
import fc from 'fast-check'
import type { BufferReader } from './buffer-view.js'
import {
  assertedExistence,
  FlagChanges,
  flagsAfterUndo,
  hasFlag,
  KeyFlag,
  presumesNotExists,
} from './key-flags.js'
import { TransactionBuffer, type BufferLimits } from './transaction-buffer.js'

const LIMITS: BufferLimits = { keyBytesMax: 16, entryBytesMax: 64, transactionBytesMax: 100_000 }
const range = (start: string, end: string) => ({ start: utf8(start), end: utf8(end) })

function shown(reader: BufferReader, bounds?: ReturnType<typeof range>, reverse = false): string[] {
  return [...reader.entries(bounds, { reverse })].map(({ kind, key, value }) =>
    kind === 'put' ? `${fromUtf8(key)}=${fromUtf8(value ?? utf8(''))}` : `${fromUtf8(key)}:${kind}`,
  )
}

describe('transaction buffer', () => {
  it('keeps the latest write of each key in key order, forward and reverse, within a range', () => {
    const buffer = new TransactionBuffer(LIMITS)
    buffer.put(utf8('b'), utf8('1'))
    buffer.delete(utf8('d'))
    buffer.put(utf8('a'), utf8(''))
    buffer.put(utf8('b'), utf8('22'))
    buffer.updateFlags(utf8('c'), FlagChanges.lockedValueMissing)
    assert.deepEqual(shown(buffer), ['a=', 'b=22', 'c:flags', 'd:delete'])
    buffer.put(utf8('bb'), utf8('x'))
    assert.deepEqual(shown(buffer, range('b', 'd')), ['b=22', 'bb=x', 'c:flags'])
    assert.deepEqual(shown(buffer, range('b', 'd'), true), ['c:flags', 'bb=x', 'b=22'])
    assert.deepEqual(shown(buffer, range('', 'b')), ['a='])
    assert.deepEqual(shown(buffer, range('c', ''), true), ['d:delete', 'c:flags'])
    assert.deepEqual(shown(new TransactionBuffer(LIMITS), undefined, true), [])
    assert.equal(buffer.count, 5)
    assert.equal(buffer.writeCount, 4)
    assert.equal(buffer.sizeBytes, 6 + 3)
  })

  it('[S57] undoes a stage: write, stage, write, clean-up leaves the first write', () => {
    const buffer = new TransactionBuffer(LIMITS)
    buffer.put(utf8('k'), utf8('first'))
    const stage = buffer.stage()
    buffer.put(utf8('k'), utf8('second'))
    buffer.put(utf8('new'), utf8('x'))
    assert.deepEqual(shown(buffer.view(stage)), ['k=first'])
    buffer.cleanup(stage)
    assert.deepEqual(shown(buffer), ['k=first'])
    assert.equal(buffer.sizeBytes, 6)
  })

  it('[S57] keeps what a released inner stage wrote only as long as its outer stage', () => {
    const buffer = new TransactionBuffer(LIMITS)
    const outer = buffer.stage()
    buffer.put(utf8('a'), utf8('outer'))
    const inner = buffer.stage()
    buffer.put(utf8('a'), utf8('inner'))
    buffer.release(inner)
    assert.deepEqual(shown(buffer), ['a=inner'])
    buffer.cleanup(outer)
    assert.deepEqual(shown(buffer), [])
    assert.equal(buffer.count, 0)
  })

  it('[S57] restores flags when it goes back to a checkpoint, but not facts about locks', () => {
    const buffer = new TransactionBuffer(LIMITS)
    buffer.put(utf8('k'), utf8('1'), FlagChanges.presumeNotExists)
    const checkpoint = buffer.checkpoint()
    buffer.updateFlags(utf8('k'), FlagChanges.forgetPresumeNotExists)
    buffer.updateFlags(utf8('k'), FlagChanges.assertExist)
    buffer.put(utf8('k'), utf8('2'))
    buffer.updateFlags(utf8('k'), FlagChanges.lockedValueExists)
    buffer.put(utf8('other'), utf8('3'), FlagChanges.assertNotExist)
    buffer.updateFlags(utf8('other'), FlagChanges.lockedValueMissing)
    buffer.revertTo(checkpoint)
    const flags = buffer.get(utf8('k'))?.flags ?? 0
    assert.equal(fromUtf8(buffer.get(utf8('k'))?.value ?? utf8('')), '1')
    assert.equal(presumesNotExists(flags), true)
    assert.equal(assertedExistence(flags), 'none')
    assert.equal(hasFlag(flags, KeyFlag.Locked), true)
    assert.equal(hasFlag(flags, KeyFlag.LockedValueExists), true)
    assert.deepEqual(buffer.get(utf8('other')), {
      kind: 'flags',
      key: utf8('other'),
      value: undefined,
      flags: KeyFlag.Locked,
    })
    buffer.put(utf8('k'), utf8('4'))
    buffer.revertTo(checkpoint)
    assert.equal(fromUtf8(buffer.get(utf8('k'))?.value ?? utf8('')), '1')
  })

  it('refuses marks that are not its own, not the innermost, or behind an open stage', () => {
    const buffer = new TransactionBuffer(LIMITS)
    const invalid = (error: unknown): boolean => hasCode(error, 'INVALID_ARGUMENT')
    const checkpoint = buffer.checkpoint()
    const outer = buffer.stage()
    const inner = buffer.stage()
    assert.throws(() => buffer.release(outer), invalid)
    assert.throws(() => buffer.cleanup(outer), invalid)
    assert.throws(() => buffer.revertTo(checkpoint), invalid)
    assert.throws(() => buffer.view(99), invalid)
    const inside = buffer.checkpoint()
    buffer.cleanup(inner)
    assert.throws(() => buffer.revertTo(inside), invalid)
    assert.throws(() => buffer.cleanup(inner), invalid)
    buffer.release(outer)
    buffer.revertTo(checkpoint)
    buffer.forget(checkpoint)
    buffer.forget(checkpoint)
    assert.throws(() => buffer.revertTo(checkpoint), invalid)
  })

  it('refuses what is too large or empty, and stays as it was', () => {
    const buffer = new TransactionBuffer({ keyBytesMax: 4, entryBytesMax: 8, transactionBytesMax: 20 })
    buffer.put(utf8('aaaa'), utf8('1234'))
    const code = (code: Parameters<typeof hasCode>[1]) => (error: unknown) => hasCode(error, code)
    assert.throws(() => buffer.put(utf8(''), utf8('1')), code('INVALID_ARGUMENT'))
    assert.throws(() => buffer.delete(utf8('')), code('INVALID_ARGUMENT'))
    assert.throws(() => buffer.put(utf8('12345'), utf8('')), code('KEY_TOO_LARGE'))
    assert.throws(() => buffer.updateFlags(utf8('12345'), {}), code('KEY_TOO_LARGE'))
    assert.throws(() => buffer.put(utf8('b'), utf8('12345678')), code('VALUE_TOO_LARGE'))
    buffer.put(utf8('bbbb'), utf8('1234'))
    assert.throws(() => buffer.put(utf8('cc'), utf8('123')), code('TRANSACTION_TOO_LARGE'))
    assert.throws(() => buffer.checkpoint(), code('TRANSACTION_TOO_LARGE'))
    buffer.put(utf8('bbbb'), utf8(''))
    buffer.put(utf8('cc'), utf8('123'))
    buffer.updateFlags(utf8('dddd'), FlagChanges.lockedValueExists)
    assert.deepEqual(shown(buffer), ['aaaa=1234', 'bbbb=', 'cc=123', 'dddd:flags'])
    assert.equal(buffer.sizeBytes, 8 + 4 + 5 + 4)
  })

  it('forgets a constraint check left to prewrite when the key is written anew', () => {
    const buffer = new TransactionBuffer(LIMITS)
    const check = { set: KeyFlag.NeedConstraintCheckInPrewrite }
    buffer.put(utf8('k'), utf8('1'), check)
    assert.equal(hasFlag(buffer.get(utf8('k'))?.flags ?? 0, KeyFlag.NeedConstraintCheckInPrewrite), true)
    buffer.put(utf8('k'), utf8('2'))
    assert.equal(buffer.get(utf8('k'))?.flags, 0)
  })

  it('gives views that later writes do not show in', () => {
    const buffer = new TransactionBuffer(LIMITS)
    buffer.put(utf8('a'), utf8('1'))
    const view = buffer.view()
    buffer.put(utf8('a'), utf8('2'))
    buffer.put(utf8('b'), utf8('3'))
    assert.deepEqual(shown(view), ['a=1'])
    assert.equal(view.count, 1)
    assert.equal(view.get(utf8('b')), undefined)
    assert.deepEqual(shown(buffer), ['a=2', 'b=3'])
  })

  it('asserts existence in four ways', () => {
    const after = (...changes: (keyof typeof FlagChanges)[]): string => {
      const buffer = new TransactionBuffer(LIMITS)
      for (const change of changes) buffer.updateFlags(utf8('k'), FlagChanges[change])
      return assertedExistence(buffer.get(utf8('k'))?.flags ?? 0)
    }
    assert.equal(after('assertExist'), 'exist')
    assert.equal(after('assertExist', 'assertNotExist'), 'not-exist')
    assert.equal(after('assertUnknown'), 'unknown')
    assert.equal(after('assertUnknown', 'assertNone'), 'none')
  })
})

interface ModelEntry {
  readonly value: string | undefined
  readonly written: boolean
  readonly flags: number
}
type Model = Map<string, ModelEntry>

type Command =
  | { readonly do: 'put'; readonly key: string; readonly value: string }
  | { readonly do: 'delete' | 'lock' | 'unlock' | 'assert'; readonly key: string }
  | { readonly do: 'stage' | 'release' | 'cleanup' | 'checkpoint' | 'revert' | 'forget' }

const key = fc.constantFrom('a', 'b', 'c', 'd', 'ab', '\xff', 'zz')
const command: fc.Arbitrary<Command> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('put' as const), key, value: fc.string({ maxLength: 3 }) }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('delete' as const, 'lock', 'unlock', 'assert'), key }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('stage' as const, 'release', 'cleanup', 'checkpoint', 'revert', 'forget'),
    }),
  },
)

/** The same by copying everything at each mark. */
class NaiveBuffer {
  entries: Model = new Map()

  copy(): Model {
    return new Map(this.entries)
  }

  change(key: string, change: (before: ModelEntry) => ModelEntry): void {
    this.entries.set(key, change(this.entries.get(key) ?? { value: undefined, written: false, flags: 0 }))
  }

  restore(then: Model): void {
    const restored: Model = new Map()
    for (const name of new Set([...then.keys(), ...this.entries.keys()])) {
      const before = then.get(name)
      const flags = flagsAfterUndo(before?.flags ?? 0, this.entries.get(name)?.flags ?? 0)
      if (before !== undefined) restored.set(name, { ...before, flags })
      else if (flags !== 0) restored.set(name, { value: undefined, written: false, flags })
    }
    this.entries = restored
  }
}

interface NaiveMark {
  readonly kind: 'stage' | 'checkpoint'
  readonly state: Model
  readonly stage: number
  readonly checkpoint: { readonly id: number }
}

function runCommand(
  command: Command,
  buffer: TransactionBuffer,
  naive: NaiveBuffer,
  marks: NaiveMark[],
): void {
  const lastStage = marks.findLastIndex(({ kind }) => kind === 'stage')
  const lastMark = marks.at(-1)
  const stage = marks[lastStage]
  switch (command.do) {
    case 'put':
      buffer.put(utf8(command.key), utf8(command.value))
      naive.change(command.key, ({ flags }) => ({ value: command.value, written: true, flags }))
      break
    case 'delete':
      buffer.delete(utf8(command.key))
      naive.change(command.key, ({ flags }) => ({ value: undefined, written: true, flags }))
      break
    case 'lock':
    case 'unlock': {
      const locked = KeyFlag.Locked | KeyFlag.LockedValueExists
      buffer.updateFlags(
        utf8(command.key),
        command.do === 'lock' ? FlagChanges.lockedValueExists : FlagChanges.unlocked,
      )
      naive.change(command.key, (before) => ({
        ...before,
        flags: command.do === 'lock' ? before.flags | locked : before.flags & ~locked,
      }))
      break
    }
    case 'assert':
      buffer.updateFlags(utf8(command.key), FlagChanges.assertExist)
      naive.change(command.key, (before) => ({ ...before, flags: before.flags | KeyFlag.AssertExist }))
      break
    case 'stage':
      marks.push({ kind: 'stage', state: naive.copy(), stage: buffer.stage(), checkpoint: { id: 0 } })
      break
    case 'checkpoint':
      marks.push({ kind: 'checkpoint', state: naive.copy(), stage: 0, checkpoint: buffer.checkpoint() })
      break
    case 'release':
      if (stage === undefined) break
      buffer.release(stage.stage)
      marks.splice(lastStage, 1)
      break
    case 'cleanup':
      if (stage === undefined) break
      buffer.cleanup(stage.stage)
      naive.restore(stage.state)
      marks.length = lastStage
      break
    case 'revert':
      if (lastMark?.kind !== 'checkpoint') break
      buffer.revertTo(lastMark.checkpoint)
      naive.restore(lastMark.state)
      break
    case 'forget': {
      const oldest = marks.findIndex(({ kind }) => kind === 'checkpoint')
      const found = marks[oldest]
      if (found === undefined) break
      buffer.forget(found.checkpoint)
      marks.splice(oldest, 1)
      break
    }
  }
}

function contents(reader: BufferReader): unknown[] {
  return [...reader.entries()].map(({ kind, key, value, flags }) => [
    Buffer.from(key).toString('hex'),
    kind,
    value === undefined ? undefined : fromUtf8(value),
    flags,
  ])
}

function modelContents(model: Model): unknown[] {
  return [...model]
    .map(([name, { value, written, flags }]): [string, string, string | undefined, number] => [
      Buffer.from(utf8(name)).toString('hex'),
      written ? (value === undefined ? 'delete' : 'put') : 'flags',
      value,
      flags,
    ])
    .sort(([a], [b]) => (a < b ? -1 : 1))
}

describe('transaction buffer against a model', () => {
  it('agrees after any sequence of writes, flags, stages and checkpoints', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), fc.boolean(), (commands, ordered) => {
        const buffer = new TransactionBuffer(LIMITS)
        const naive = new NaiveBuffer()
        const marks: NaiveMark[] = []
        if (ordered) contents(buffer)
        for (const next of commands) runCommand(next, buffer, naive, marks)
        // A locked and unlocked key without a write has an entry or none, depending on what was undone when.
        const withoutEmpty = (rows: unknown[]): unknown[] =>
          rows.filter((row) => !(Array.isArray(row) && row[1] === 'flags' && row[3] === 0))
        assert.deepEqual(withoutEmpty(contents(buffer)), withoutEmpty(modelContents(naive.entries)))
        assert.deepEqual([...buffer.entries(undefined, { reverse: true })], [...buffer.entries()].reverse())
        let bytes = 0
        for (const entry of buffer.entries()) bytes += entry.key.length + (entry.value?.length ?? 0)
        assert.equal(buffer.sizeBytes, bytes)
        assert.equal(buffer.writeCount, [...buffer.entries()].filter(({ kind }) => kind !== 'flags').length)
      }),
      { numRuns: 500 },
    )
  })
})
