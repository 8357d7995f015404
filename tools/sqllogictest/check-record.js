// @ts-check
import { createHash } from 'node:crypto'

/**
 * @typedef {import('./parse-script.js').QueryRecord} QueryRecord
 * @typedef {{ rows: readonly (readonly (string | null)[])[] }} Answer
 */

/**
 * Compares an answer with what a record expects. Undefined when it is right, otherwise what is wrong.
 * @param {QueryRecord} record
 * @param {Answer} answer
 * @param {number} threshold more values than this are expected as their hash
 */
export function checkQuery(record, { rows }, threshold) {
  const width = record.types.length
  const odd = rows.find((row) => row.length !== width)
  if (odd !== undefined) return `${odd.length} columns instead of ${width}`
  const values = sorted(
    rows.map((row) => row.map((value, at) => show(value, record.types[at] ?? 'T'))),
    record.sort,
  )
  const [first = ''] = record.expected
  const hashed = /^(\d+) values hashing to ([0-9a-f]{32})$/.exec(first)
  if (hashed !== null && record.expected.length === 1) {
    const digest = hashOf(values)
    const isRight = Number(hashed[1]) === values.length && hashed[2] === digest
    return isRight ? undefined : `${values.length} values hashing to ${digest} instead of ${first}`
  }
  if (threshold > 0 && values.length > threshold && record.expected.length === 1 && hashed !== null)
    return undefined
  const expected = record.expected.map((line) => line.trim())
  // Some scripts write the values of a row on one line.
  const flat =
    expected.length === rows.length && width > 1 ? expected.flatMap((line) => line.split(/\s+/)) : expected
  const at = values.findIndex((value, position) => value !== flat[position])
  if (values.length === flat.length && at < 0) return undefined
  return values.length === flat.length
    ? `value ${at + 1} is ${values[at]} instead of ${flat[at]}`
    : `${values.length} values instead of ${flat.length}`
}

/** @param {readonly string[]} values */
export function hashOf(values) {
  return createHash('md5')
    .update(values.map((value) => `${value}\n`).join(''))
    .digest('hex')
}

/**
 * @param {string[][]} rows
 * @param {import('./parse-script.js').SortMode} sort
 * @returns {string[]}
 */
function sorted(rows, sort) {
  if (sort === 'valuesort') return rows.flat().sort(byBytes)
  if (sort === 'rowsort') rows.sort((a, b) => compareRows(a, b))
  return rows.flat()
}

/** @param {readonly string[]} a @param {readonly string[]} b */
function compareRows(a, b) {
  for (const [at, value] of a.entries()) {
    const order = byBytes(value, b[at] ?? '')
    if (order !== 0) return order
  }
  return 0
}

/** @param {string} a @param {string} b */
const byBytes = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b))

/**
 * A value as the scripts write it.
 * @param {string | null} value in PostgreSQL's text form
 * @param {string} type I integer, R three digits after the point, T text
 */
function show(value, type) {
  if (value === null) return 'NULL'
  if (type === 'I') return integer(value)
  if (type === 'R')
    return value === 't' || value === 'f' ? `${Number(value === 't')}.000` : Number(value).toFixed(3)
  return value === '' ? '(empty)' : value.replace(/[^\x20-\x7e]/g, '@')
}

/** @param {string} value */
function integer(value) {
  if (/^-?\d+$/.test(value)) return value
  if (value === 't') return '1'
  if (value === 'f') return '0'
  const number = Number(value)
  return Number.isNaN(number) ? '0' : String(BigInt(Math.trunc(number)))
}
