/** One function for each of PostgreSQL's types, for use in `table()`. */
import { Column, type PlainColumn } from './column.js'

const plain = <Value, Input = Value>(type: string): PlainColumn<Value, Input> => new Column({ type })

export const bool = (): PlainColumn<boolean> => plain('bool')
/** From -32 768 to 32 767. */
export const int2 = (): PlainColumn<number> => plain('int2')
/** From -2 147 483 648 to 2 147 483 647. */
export const int4 = (): PlainColumn<number> => plain('int4')
/** 64 bits; rows hold a `bigint`. */
export const int8 = (): PlainColumn<bigint, bigint | number> => plain('int8')
/** Single precision: values are rounded to it. */
export const float4 = (): PlainColumn<number> => plain('float4')
export const float8 = (): PlainColumn<number> => plain('float8')
/** Exact decimals as text, rounded to `scale` digits after the point. Without precision any number of digits. */
export const numeric = (precision?: number, scale?: number): PlainColumn<string, string | number | bigint> =>
  plain(withArguments('numeric', precision, precision === undefined ? undefined : (scale ?? 0)))
/** `text<'open' | 'closed'>()` narrows the type for the compiler only. */
export const text = <T extends string = string>(): PlainColumn<T> => plain('text')
/** At most `length` characters. */
export const varchar = <T extends string = string>(length: number): PlainColumn<T> =>
  plain(withArguments('varchar', length))
/** Exactly `length` characters, filled up with spaces. */
export const char = (length = 1): PlainColumn<string> => plain(withArguments('char', length))
export const bytea = (): PlainColumn<Uint8Array> => plain('bytea')
/** `2024-05-01`. A `Date` is taken as its day in UTC. */
export const date = (): PlainColumn<string, string | Date> => plain('date')
/** `13:45:00` or `13:45:00.25`, up to microseconds. */
export const time = (): PlainColumn<string> => plain('time')
export const uuid = (): PlainColumn<string> => plain('uuid')
/** Any JSON value; `T` is taken on trust. */
export const json = <T = unknown>(): PlainColumn<T> => plain('json')
/** As `json`. */
export const jsonb = <T = unknown>(): PlainColumn<T> => plain('jsonb')

/** Up to microseconds, which `Date` cannot hold: rows have ISO 8601 text. */
interface Microseconds {
  readonly precision: 4 | 5 | 6
}
/** Up to milliseconds, the default: rows have a `Date`. */
interface Milliseconds {
  readonly precision?: 0 | 1 | 2 | 3
}

/** A time without zone, shown as if it were UTC. */
export function timestamp(options?: Milliseconds): PlainColumn<Date, Date | string>
export function timestamp(options: Microseconds): PlainColumn<string, string | Date>
export function timestamp(options: Milliseconds | Microseconds = {}): unknown {
  return plain(withArguments('timestamp', options.precision ?? 3))
}

/** A moment. */
export function timestamptz(options?: Milliseconds): PlainColumn<Date, Date | string>
export function timestamptz(options: Microseconds): PlainColumn<string, string | Date>
export function timestamptz(options: Milliseconds | Microseconds = {}): unknown {
  return plain(withArguments('timestamptz', options.precision ?? 3))
}

function withArguments(type: string, ...values: readonly (number | undefined)[]): string {
  const given = values.filter((value) => value !== undefined)
  return given.length === 0 ? type : `${type}(${given.join(',')})`
}
