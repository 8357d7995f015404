// @ts-check
import { answerOf } from '../compare-servers.js'
import { ACCEPTED } from './left-out.js'

/** @typedef {import('../compare-servers.js').Answer} Answer */
/** @typedef {import('pg').Client} Client */

/**
 * @typedef {{ sql: string, ours: string, theirs: string }} Difference
 * @typedef {{ ours: Client, theirs: Client }} Pair
 */

/** Programs go by the codes; `ORBIT_FUZZ_MESSAGES=1` compares the wording of errors too. */
const COMPARES_MESSAGES = process.env['ORBIT_FUZZ_MESSAGES'] === '1'

/** An answer as one text. @param {Answer} answer @param {boolean} isOrdered */
export function textOf({ error, columns = [], rows = [] }, isOrdered) {
  if (error !== undefined) return COMPARES_MESSAGES ? `${error.code}: ${error.message}` : error.code
  const types = columns.map(({ name, type }) => `${name}:${type >= 16_384 ? 'own' : type}`).join(' ')
  const lines = rows.map((row) => row.map((value) => value ?? '∅').join(' | '))
  return [types, ...(isOrdered ? lines : lines.sort())].join('\n')
}

/**
 * Asks both servers the same. A difference that is accepted counts as none.
 * @param {Pair} pair
 * @param {string} sql
 * @param {boolean} isOrdered
 * @returns {Promise<Difference | undefined>}
 */
export async function differenceOf({ ours, theirs }, sql, isOrdered) {
  const [a, b] = await Promise.all([answerOf(ours, sql), answerOf(theirs, sql)])
  const [x, y] = [textOf(a, isOrdered), textOf(b, isOrdered)]
  if (x === y || ACCEPTED.some(({ test }) => test(sql, x, y))) return undefined
  const told = (/** @type {Answer} */ answer, /** @type {string} */ text) =>
    answer.error === undefined ? text : `${answer.error.code}: ${answer.error.message}`
  return { sql, ours: told(a, x), theirs: told(b, y) }
}
