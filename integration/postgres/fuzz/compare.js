// @ts-check
import { answerOf } from '../compare-servers.js'
import { ACCEPTED } from './left-out.js'

/** @typedef {import('../compare-servers.js').Answer} Answer */
/** @typedef {import('pg').Client} Client */

/**
 * @typedef {{ sql: readonly string[], ours: string, theirs: string, setup?: readonly string[] }} Difference
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
 * Asks one server a statement and those that look at what it did, and takes it back.
 * @param {Client} client
 * @param {readonly string[]} statements
 * @returns {Promise<readonly Answer[]>}
 */
export async function answersOf(client, statements) {
  const [first = '', ...checks] = statements
  if (checks.length === 0) return [await answerOf(client, first)]
  await client.query('BEGIN')
  const answers = [await answerOf(client, first)]
  if (answers[0]?.error === undefined) for (const check of checks) answers.push(await answerOf(client, check))
  await client.query('ROLLBACK')
  return answers
}

/**
 * Asks both servers the same. A difference that is accepted counts as none.
 * @param {Pair} pair
 * @param {readonly string[]} statements the second and further ones look at what the first one did
 * @param {boolean} isOrdered
 * @param {import('./fuzz.js').Kind} kind
 * @returns {Promise<Difference | undefined>}
 */
export async function differenceOf({ ours, theirs }, statements, isOrdered, kind) {
  const [a, b] = await Promise.all([answersOf(ours, statements), answersOf(theirs, statements)])
  const texts = (/** @type {readonly Answer[]} */ answers) =>
    answers.map((each) => textOf(each, isOrdered)).join('\n')
  const [x, y] = [texts(a), texts(b)]
  if (x === y || ACCEPTED.some(({ test }) => test({ sql: statements[0] ?? '', ours: x, theirs: y, kind })))
    return undefined
  const told = (/** @type {readonly Answer[]} */ answers, /** @type {string} */ text) => {
    const error = answers[0]?.error
    return error === undefined ? text : `${error.code}: ${error.message}`
  }
  return { sql: statements, ours: told(a, x), theirs: told(b, y) }
}
