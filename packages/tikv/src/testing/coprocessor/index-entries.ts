import { asBuffer } from '@orbit-ts/base'
import { DatumSource } from '../../coprocessor/dag/datum-source.js'
import type { IndexScan } from '../../gen/tipb.js'
import { EvaluationError, PlanRefusal } from './dag-failure.js'
import type { ScannedPair } from './scan-cursor.js'
import {
  narrowInteger,
  readDatum,
  readValue,
  serverType,
  type ServerRow,
  type ServerType,
} from './server-value.js'
import { entryOf } from './table-keys.js'

const OLD_VALUE_MAX = 9
const INTEGER_SIZE = 8
const VERSION_FLAG = 0x7d
const COMMON_HANDLE_FLAG = 0x7f
const COMMON_HANDLE_AT = 6

/** Makes rows of the entries of an index, as TiKV's index scan does; without restored data, partitions and the like. */
export class IndexEntries {
  readonly types: readonly ServerType[]
  readonly #columns: readonly ServerType[]
  readonly #handle: readonly ServerType[]
  readonly #isInteger: boolean

  constructor({ columns, primaryColumnIds }: IndexScan) {
    this.types = columns.map(({ tp, flag, columnLen: flen, decimal }) =>
      serverType({ tp, flag, flen, decimal }),
    )
    this.#isInteger = columns.at(-1)?.pkHandle === true
    if (this.#isInteger && primaryColumnIds.length > 0)
      throw new PlanRefusal('Both int handle and common handle are push downed')
    const handles = this.#isInteger ? 1 : primaryColumnIds.length
    if (handles > columns.length)
      throw new PlanRefusal('The number of handle columns exceeds the length of `columns_info`')
    this.#columns = this.types.slice(0, columns.length - handles)
    this.#handle = this.types.slice(columns.length - handles)
  }

  row({ key, value }: ScannedPair): ServerRow {
    const source = new DatumSource(entryOf(key))
    const row = this.#columns.map((type, at) => {
      if (source.isAtEnd) throw new EvaluationError(`${at}th column is missing value`)
      return readValue(source, type)
    })
    if (this.#isInteger) row.push(integerHandle(source, value))
    else if (this.#handle.length > 0) {
      const handle = value.length > OLD_VALUE_MAX ? new DatumSource(commonHandle(value)) : source
      for (const type of this.#handle) row.push(readValue(handle, type))
    }
    return row
  }
}

function integerHandle(source: DatumSource, value: Uint8Array): number | bigint {
  if (source.isAtEnd) {
    if (value.length < INTEGER_SIZE) throw new EvaluationError('Failed to decode handle in value as i64')
    return narrowInteger(asBuffer(value).readBigInt64BE())
  }
  const handle = readDatum(() => source.value({ kind: 'int' }))
  if (typeof handle === 'number' || typeof handle === 'bigint') return handle
  throw new EvaluationError('Unexpected handle flag')
}

function commonHandle(value: Uint8Array): Uint8Array {
  const bytes = asBuffer(value)
  const fits = bytes[1] === VERSION_FLAG && bytes[3] === COMMON_HANDLE_FLAG && bytes.length > COMMON_HANDLE_AT
  if (!fits) throw new EvaluationError('the value of an index entry holds no handle')
  return bytes.subarray(COMMON_HANDLE_AT, COMMON_HANDLE_AT + bytes.readUInt16BE(4))
}
