/**
 * Rows as bytes, for files that live no longer than a statement: compact, exact, and of no use to anybody else. The
 * fields of records stay in memory, as numbers in the bytes.
 */
import { type ByteReader, type ByteWriter } from '@orbit-ts/storage'
import { SqlArray, type ArrayDimension } from '../../scalar/array/sql-array.js'
import { Jsonb } from '../../scalar/json/jsonb.js'
import { Numeric } from '../../scalar/numeric/numeric.js'
import { MultirangeValue, RangeValue } from '../../scalar/ranges/range-value.js'
import { RecordValue } from '../../scalar/record-value.js'
import { Interval } from '../../scalar/temporal/interval.js'
import { TimeWithZone } from '../../scalar/temporal/time-with-zone.js'
import type { Row, Value } from '../../scalar/value.js'
import { JsonNodeCodec } from './json-node-codec.js'
import { RecordFields } from './record-fields.js'
import { readBigint, readLength, readText, writeBigint, writeLength, writeText } from './primitives.js'

const NULL = 0
const FALSE = 1
const TRUE = 2
/** 0 to 127 follow the tags. */
const SMALL_INTEGER = 128
const INTEGER = 3
const DOUBLE = 4
const BIGINT = 5
const TEXT = 6
const BYTES = 7
const FLOATS = 8
const NUMERIC = 9
const SPECIAL_NUMERIC = 10
const INTERVAL = 11
const TIME_WITH_ZONE = 12
const JSONB = 13
const ARRAY = 14
const RECORD = 15
const LONG_TEXT = 16
/** A column of a row to insert that is left to its default. */
const MISSING = 17
const RANGE = 18
const MULTIRANGE = 19

const MISSING_VALUE: Value | undefined = undefined

const SPECIALS = [Numeric.NAN, Numeric.INFINITY, Numeric.NEGATIVE_INFINITY]

export class ValueCodec {
  readonly #fields = new RecordFields()
  readonly #json = new JsonNodeCodec()

  writeRow(writer: ByteWriter, row: Row): void {
    writeLength(writer, row.length)
    for (const value of row) this.writeValue(writer, value)
  }

  readRow(reader: ByteReader): Row {
    const length = readLength(reader)
    const row: Row = []
    for (let i = 0; i < length; i++) row.push(this.readValue(reader))
    return row
  }

  writeValue(writer: ByteWriter, value: Value | undefined): void {
    switch (typeof value) {
      case 'number':
        return void this.#writeNumber(writer, value)
      case 'string':
        return void this.#writeString(writer, value)
      case 'boolean':
        return void writer.byte(value ? TRUE : FALSE)
      case 'bigint':
        writer.byte(BIGINT)
        return void writeBigint(writer, value)
      default:
        if (value === null) return void writer.byte(NULL)
        if (value === undefined) writer.byte(MISSING)
        else this.#writeObject(writer, value)
    }
  }

  #writeNumber(writer: ByteWriter, value: number): void {
    if (value === (value | 0) && !Object.is(value, -0)) {
      if (value >= 0 && value < 128) return void writer.byte(SMALL_INTEGER + value)
      const at = writer.reserve(5)
      writer.buffer[at] = INTEGER
      writer.view.setInt32(at + 1, value)
      return
    }
    const at = writer.reserve(9)
    writer.buffer[at] = DOUBLE
    writer.view.setFloat64(at + 1, value)
  }

  #writeString(writer: ByteWriter, value: string): void {
    // A character has three bytes at most, and what is below 86 characters fits into one byte of length.
    if (value.length > 85) {
      writer.byte(LONG_TEXT)
      return void writeText(writer, value)
    }
    const at = writer.reserve(2)
    const size = writer.text(value)
    writer.buffer[at] = TEXT
    writer.buffer[at + 1] = size
  }

  #writeObject(writer: ByteWriter, value: Exclude<Value, null | boolean | number | bigint | string>): void {
    if (value instanceof Numeric) return void this.#writeNumeric(writer, value)
    if (value instanceof Uint8Array) {
      writer.byte(BYTES)
      writeLength(writer, value.length)
      return void writer.bytes(value)
    }
    if (value instanceof Float32Array) {
      writer.byte(FLOATS)
      writeLength(writer, value.length)
      return void writer.bytes(new Uint8Array(value.buffer, value.byteOffset, value.byteLength))
    }
    if (value instanceof Interval) {
      writer.byte(INTERVAL)
      this.#writeNumber(writer, value.months)
      this.#writeNumber(writer, value.days)
      return void this.#writeNumber(writer, value.micros)
    }
    if (value instanceof TimeWithZone) {
      writer.byte(TIME_WITH_ZONE)
      this.#writeNumber(writer, value.micros)
      return void this.#writeNumber(writer, value.offsetSeconds)
    }
    if (value instanceof Jsonb) {
      writer.byte(JSONB)
      return void this.#json.write(writer, value.root)
    }
    if (value instanceof SqlArray) this.#writeArray(writer, value)
    else if (value instanceof RangeValue) this.#writeRange(writer, value)
    else if (value instanceof MultirangeValue) {
      writer.byte(MULTIRANGE)
      writeLength(writer, value.ranges.length)
      for (const range of value.ranges) this.#writeRange(writer, range)
    } else this.#writeRecord(writer, value)
  }

  #writeNumeric(writer: ByteWriter, value: Numeric): void {
    if (value.special !== undefined) {
      writer.byte(SPECIAL_NUMERIC)
      return void writer.byte(SPECIALS.findIndex(({ special }) => special === value.special))
    }
    writer.byte(NUMERIC)
    writeLength(writer, value.scale)
    writeBigint(writer, value.digits)
  }

  #writeArray(writer: ByteWriter, value: SqlArray): void {
    writer.byte(ARRAY)
    writeLength(writer, value.dimensions.length)
    for (const { length, lower } of value.dimensions) {
      writeLength(writer, length)
      this.#writeNumber(writer, lower)
    }
    writeLength(writer, value.elements.length)
    for (const element of value.elements) this.writeValue(writer, element)
  }

  #writeRange(writer: ByteWriter, range: RangeValue): void {
    writer.byte(RANGE)
    writer.byte((range.isEmpty ? 1 : 0) | (range.lowerInclusive ? 2 : 0) | (range.upperInclusive ? 4 : 0))
    this.writeValue(writer, range.lower)
    this.writeValue(writer, range.upper)
  }

  #writeRecord(writer: ByteWriter, value: RecordValue): void {
    writer.byte(RECORD)
    writeLength(writer, this.#fields.numberOf(value.fields))
    writeLength(writer, value.values.length)
    for (const field of value.values) this.writeValue(writer, field)
  }

  readValue(reader: ByteReader): Value {
    const tag = reader.byte()
    if (tag >= SMALL_INTEGER) return tag - SMALL_INTEGER
    switch (tag) {
      case NULL:
        return null
      case FALSE:
        return false
      case TRUE:
        return true
      case INTEGER:
        return reader.buffer.readInt32BE(reader.take(4))
      case DOUBLE:
        return reader.buffer.readDoubleBE(reader.take(8))
      case BIGINT:
        return readBigint(reader)
      case TEXT: {
        const size = reader.byte()
        const at = reader.take(size)
        return reader.buffer.toString('utf8', at, at + size)
      }
      case LONG_TEXT:
        return readText(reader)
      case MISSING:
        return MISSING_VALUE as Value
      default:
        return this.#readObject(reader, tag)
    }
  }

  #readObject(reader: ByteReader, tag: number): Value {
    switch (tag) {
      case BYTES:
        return this.#readBytes(reader, readLength(reader))
      case FLOATS: {
        const bytes = this.#readBytes(reader, readLength(reader) * Float32Array.BYTES_PER_ELEMENT)
        return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.length / Float32Array.BYTES_PER_ELEMENT)
      }
      case NUMERIC: {
        const scale = readLength(reader)
        return new Numeric(readBigint(reader), scale)
      }
      case SPECIAL_NUMERIC:
        return SPECIALS[reader.byte()] ?? reader.fail('not a numeric')
      case INTERVAL:
        return new Interval(this.#readNumber(reader), this.#readNumber(reader), this.#readNumber(reader))
      case TIME_WITH_ZONE:
        return new TimeWithZone(this.#readNumber(reader), this.#readNumber(reader))
      case JSONB:
        return new Jsonb(this.#json.read(reader))
      case ARRAY:
        return this.#readArray(reader)
      case RANGE: {
        const flags = reader.byte()
        const lower = this.readValue(reader)
        const upper = this.readValue(reader)
        return new RangeValue((flags & 1) !== 0, lower, upper, (flags & 2) !== 0, (flags & 4) !== 0)
      }
      case MULTIRANGE: {
        const ranges: Row = this.readRow(reader)
        return new MultirangeValue(ranges.filter((range) => range instanceof RangeValue))
      }
      case RECORD: {
        const fields = this.#fields.byNumber(readLength(reader))
        return new RecordValue(fields, this.readRow(reader))
      }
      default:
        return reader.fail(`no value begins with ${tag}`)
    }
  }

  #readNumber(reader: ByteReader): number {
    const value = this.readValue(reader)
    return typeof value === 'number' ? value : reader.fail('not a number')
  }

  /** In memory of its own: values outlive the buffer they are read from. */
  #readBytes(reader: ByteReader, size: number): Uint8Array {
    const at = reader.take(size)
    return new Uint8Array(reader.buffer.subarray(at, at + size))
  }

  #readArray(reader: ByteReader): SqlArray {
    const dimensions: ArrayDimension[] = []
    for (let left = readLength(reader); left > 0; left--) {
      dimensions.push({ length: readLength(reader), lower: this.#readNumber(reader) })
    }
    return new SqlArray(this.readRow(reader), dimensions)
  }
}
