// @ts-check
import { checkQuery } from './check-record.js'
import { parseScript } from './parse-script.js'

/**
 * @typedef {import('./parse-script.js').ScriptRecord} ScriptRecord
 * @typedef {{ line: number, sql: string, problem: string | undefined }} Outcome  `problem` undefined: it passed
 * @typedef {(sql: string) => Promise<import('./check-record.js').Answer>} RunSql
 */

const ENGINE = 'postgresql'

/**
 * Runs the records of a script one after another.
 * @param {string} text
 * @param {RunSql} runSql
 * @returns {Promise<{ outcomes: Outcome[], skipped: number }>}
 */
export async function runScript(text, runSql) {
  const { records, skipped } = parseScript(text, ENGINE)
  /** @type {Outcome[]} */
  const outcomes = []
  let threshold = 0
  for (const record of records) {
    if (record.kind === 'hash-threshold') threshold = record.count
    else
      outcomes.push({
        line: record.line,
        sql: record.sql,
        problem: await runRecord(record, runSql, threshold),
      })
  }
  return { outcomes, skipped }
}

/**
 * @param {Exclude<ScriptRecord, { kind: 'hash-threshold' }>} record
 * @param {RunSql} runSql
 * @param {number} threshold
 */
async function runRecord(record, runSql, threshold) {
  /** @type {import('./check-record.js').Answer} */
  let answer
  try {
    answer = await runSql(record.sql)
  } catch (error) {
    const { code, message } = /** @type {{ code?: string, message: string }} */ (error)
    if (record.kind === 'statement' && !record.succeeds) return undefined
    return `${code ?? 'error'}: ${message}`
  }
  if (record.kind === 'query') return checkQuery(record, answer, threshold)
  return record.succeeds ? undefined : 'it succeeded, where an error is expected'
}
