import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hasCode } from '../errors/orbit-error.js'
import { duration } from './duration.js'
import { boolean, integer, list, oneOf, secret, string } from './leaves.js'
import { configFromCode } from './load-config.js'
import type { Secret } from './secret.js'
import { nested, record, section, union, type SectionInput, type SectionValue } from './section.js'

type Same<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
const same = <A, B>(equal: Same<A, B>): boolean => equal

const backup = section({
  path: string(),
  intervalMs: duration({ unit: 's', key: 'interval', default: '5m' }),
})
const memory = section({ entriesMax: integer({ default: 10 }), backup: nested(backup, { optional: true }) })
const disk = section({
  dir: string({ default: './data' }),
  compression: oneOf(['none', 'lz4'], { optional: true }),
})
const provider = union('type', { memory, 'on-disk': disk })

describe('types', () => {
  it('infers values: optional fields get `?`, words become literals', () => {
    type Disk = { readonly dir: string; readonly compression?: 'none' | 'lz4' }
    assert.ok(same<SectionValue<typeof disk>, Disk>(true))
    type Backup = { readonly path: string; readonly intervalMs: number }
    assert.ok(
      same<SectionValue<typeof memory>, { readonly entriesMax: number; readonly backup?: Backup }>(true),
    )
    const other = section({ keys: list(secret()), on: boolean({ default: false }), all: record(disk) })
    assert.equal(other.fields.length, 3)
    type Other = {
      readonly keys: readonly Secret[]
      readonly on: boolean
      readonly all: Readonly<Record<string, Disk>>
    }
    assert.ok(same<SectionValue<typeof other>, Other>(true))
  })

  it('infers a union told apart by its key', () => {
    const value: SectionValue<typeof provider> = configFromCode(provider, { type: 'on-disk' })
    assert.equal(value.type === 'on-disk' ? value.dir : value.entriesMax, './data')
  })

  it('infers what a program may pass', () => {
    const input: SectionInput<typeof memory> = { backup: { path: '/b', intervalMs: 1500 } }
    assert.deepEqual(configFromCode(memory, input), {
      entriesMax: 10,
      backup: { path: '/b', intervalMs: 1500 },
    })
    // @ts-expect-error: a number is no path
    assert.throws(() => configFromCode(memory, { backup: { path: 1 } }))
  })
})

describe('a schema with a mistake is refused when it is built', () => {
  const refused = (reason: string) => (error: unknown) =>
    hasCode(error, 'INVALID_ARGUMENT') && error.reason === reason

  it('two fields with one key', () => {
    assert.throws(
      () => section({ a: string({ key: 'x' }), b: string({ aliases: ['x'] }) }),
      refused('two fields of a section have the key "x"'),
    )
  })

  it('a key in ms for a number in s', () => {
    assert.throws(
      () => section({ waitMs: duration({ unit: 's' }) }),
      refused('the field "waitMs" needs a key without a unit, because its unit is not ms'),
    )
  })

  it('a variant that uses the key of the union', () => {
    assert.throws(
      () => union('type', { a: section({ type: string() }) }),
      refused('the variant "a" has a field "type", which tells the variants apart'),
    )
  })
})
