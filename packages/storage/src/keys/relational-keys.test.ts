import { deepEqual, equal, throws } from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { hasCode } from '@orbit-ts/base'
import { handleDatums, handleOf } from './handle.js'
import { ids, int64s } from './key-arbitraries.test.data.js'
import { entryDatums } from './key-samples.test.data.js'
import { multiModelKeys as keys } from './multi-model-key-builder.js'

describe('relational keys', () => {
  const hex = (key: Uint8Array): string => Buffer.from(key).toString('hex')

  it('are laid out as TiDB does', () => {
    equal(hex(keys.relational.row(1, 2)), '7480000000000000015f728000000000000002')
    equal(
      hex(keys.relational.index(1, 2, [{ kind: 'int', value: 3 }], 4)),
      '7480000000000000015f698000000000000002' + '038000000000000003' + '038000000000000004',
    )
    const handle = handleOf([{ kind: 'text', value: 'abc' }])
    equal(hex(keys.relational.row(1, handle)), '7480000000000000015f72' + '016162630000000000fa')
    equal(
      hex(keys.relational.index(1, 2, [{ kind: 'null' }], handle)),
      '7480000000000000015f698000000000000002' + '00' + '016162630000000000fa',
    )
  })

  it('pad a short handle to nine bytes', () => {
    const handle = handleOf([{ kind: 'decimal', value: '5', precision: 1, scale: 0 }])
    equal(hex(handle as Uint8Array), '06010085' + '0000000000')
    deepEqual(handleDatums(handle), [{ kind: 'decimal', value: '5', precision: 1, scale: 0 }])
    deepEqual(keys.relational.rowHandle(keys.relational.row(1, handle)), handle)
    deepEqual(keys.parse(keys.relational.index(1, 2, [{ kind: 'int', value: 3 }], handle)), {
      model: 'relational',
      kind: 'index',
      tableId: 1,
      indexId: 2,
      datums: [
        { kind: 'int', value: 3 },
        { kind: 'decimal', value: '5', precision: 1, scale: 0 },
      ],
    })
  })

  it('split an index entry by the number of its columns', () => {
    const handles = fc.oneof(
      fc.constant(undefined),
      int64s,
      fc.tuple(ids, int64s).map(([text, value]) =>
        handleOf([
          { kind: 'text', value: text },
          { kind: 'int', value },
        ]),
      ),
    )
    fc.assert(
      fc.property(entryDatums, handles, fc.infiniteStream(fc.boolean()), (values, handle, directions) => {
        const descending = [...directions.take(values.length)]
        const key = keys.relational.index(7, 8, values, handle, descending)
        deepEqual(keys.relational.parseIndex(key, values.length), {
          tableId: 7,
          indexId: 8,
          datums: values,
          handle,
        })
      }),
    )
  })

  it('give a single integer primary key as an integer handle', () => {
    equal(handleOf([{ kind: 'int', value: 5 }]), 5)
    deepEqual(handleDatums(5n), [{ kind: 'int', value: 5n }])
  })

  it('refuse primary keys that are null, empty or too long', () => {
    throws(
      () => handleOf([]),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
    throws(
      () => handleOf([{ kind: 'null' }]),
      (error) => hasCode(error, 'INVALID_ARGUMENT'),
    )
    throws(
      () => handleOf([{ kind: 'text', value: 'x'.repeat(60_000) }]),
      (error) => hasCode(error, 'KEY_TOO_LARGE'),
    )
  })

  it('refuse a key of another kind', () => {
    throws(
      () => keys.relational.rowHandle(keys.relational.index(1, 1, [])),
      (error) => hasCode(error, 'STORAGE_CORRUPT'),
    )
    throws(
      () => keys.relational.parseIndex(keys.relational.row(1, 1), 1),
      (error) => hasCode(error, 'STORAGE_CORRUPT'),
    )
    throws(
      () => keys.relational.rowHandle(keys.document.record(1, 'a')),
      (error) => hasCode(error, 'STORAGE_CORRUPT'),
    )
  })
})
