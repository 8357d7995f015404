// @ts-check
/**
 * Statements that the two servers once answered differently, with PostgreSQL's answers: one JSON object on each line of
 * `cases/*.jsonl`.
 */
import { appendFileSync, existsSync, readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { join } from 'node:path'
import { answersOf, textOf } from './compare.js'

/** @typedef {import('pg').Client} Client */
/**
 * @typedef {{
 *   setup?: readonly string[],
 *   sql: readonly string[],
 *   isOrdered: boolean,
 *   answer: string,
 * }} Case
 * `setup`: what makes the tables; `sql`: the statement, and those that look at what it did.
 */

export const CASES = fileURLToPath(new URL('cases', import.meta.url))

/** All cases that are kept, by file. @returns {ReadonlyMap<string, readonly Case[]>} */
export function readCases() {
  const files = existsSync(CASES) ? readdirSync(CASES).filter((name) => name.endsWith('.jsonl')) : []
  return new Map(files.sort().map((name) => [name, readFile(join(CASES, name))]))
}

/** @param {string} path @returns {Case[]} */
function readFile(path) {
  if (!existsSync(path)) return []
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line))
}

/**
 * Adds those that are not there yet.
 * @param {string} name of the file
 * @param {readonly Case[]} cases
 * @returns {number} how many were added
 */
export function keepCases(name, cases) {
  const path = join(CASES, name)
  const known = new Set(readFile(path).map(keyOf))
  const added = cases.filter((each) => !known.has(keyOf(each)) && known.add(keyOf(each)))
  appendFileSync(path, added.map((each) => `${JSON.stringify(each)}\n`).join(''))
  return added.length
}

/** @param {Case} each */
const keyOf = ({ setup, sql }) => JSON.stringify([setup ?? [], sql])

/**
 * What a server answers to the statements of a case, its tables made first.
 * @param {Client} client
 * @param {Omit<Case, 'answer'>} asked
 */
export async function answerTo(client, { setup = [], sql, isOrdered }) {
  for (const statement of setup) await client.query(statement)
  const answers = await answersOf(client, sql)
  return answers.map((answer) => textOf(answer, isOrdered)).join('\n')
}
