// @ts-check
/**
 * Runs the same SQL on two servers and says where they differ: in rows, names and types of columns, command tags, and
 * the SQLSTATE, message, detail and hint of errors.
 */
import pg from 'pg'

/**
 * @typedef {{
 *   error?: { code: string, message: string, detail?: string | undefined, hint?: string | undefined },
 *   columns?: readonly { name: string, type: number }[],
 *   rows?: readonly (readonly (string | null)[])[],
 *   tag?: string,
 * }} Answer
 */

/** @param {string} url */
export async function connect(url) {
  const client = new pg.Client({ connectionString: url })
  // The errors of a connection that ends are those of its queries.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/**
 * @param {pg.Client} client
 * @param {string} sql one statement
 * @returns {Promise<Answer>}
 */
export async function answerOf(client, sql) {
  try {
    const result = await client.query({ text: sql, rowMode: 'array', types: { getTypeParser: () => String } })
    return {
      columns: result.fields.map(({ name, dataTypeID }) => ({ name, type: dataTypeID })),
      rows: result.rows,
      tag: result.rowCount === null ? result.command : `${result.command} ${result.rowCount}`,
    }
  } catch (error) {
    const {
      code = '',
      message,
      detail,
      hint,
    } = /** @type {{ code?: string, message: string, detail?: string, hint?: string }} */ (error)
    return { error: { code, message, detail, hint } }
  }
}

/**
 * What differs between two answers to one statement; undefined when nothing does.
 * @param {string} sql
 * @param {Answer} ours
 * @param {Answer} theirs
 */
export function difference(sql, ours, theirs) {
  const [a, b] = [comparable(sql, ours), comparable(sql, theirs)]
  return a === b ? undefined : `${sql}\n  ours:   ${shorten(a)}\n  theirs: ${shorten(b)}`
}

/** @param {string} sql @param {Answer} answer */
function comparable(sql, { error, columns = [], rows = [], tag }) {
  if (error !== undefined) {
    const { code, message, detail, hint } = error
    return [`${code}: ${message}`, detail && `detail: ${detail}`, hint && `hint: ${hint}`]
      .filter(Boolean)
      .join('\n    ')
  }
  // Types that users make have other OIDs on each server.
  const heads = columns.map(({ name, type }) => `${name}:${type >= 16_384 ? 'own' : type}`).join(' ')
  const lines = rows.map((row) => row.map((value) => (value === null ? '∅' : value)).join(' | '))
  const isOrdered = /\border\s+by\b/i.test(sql)
  return [tag, heads, ...(isOrdered ? lines : lines.sort())].join('\n    ')
}

/** @param {string} text */
function shorten(text) {
  return text.length > 1500 ? `${text.slice(0, 1500)} …` : text
}

/**
 * The statements of a script: each ends with a semicolon at the end of a line. Lines that begin with `--` are left out.
 * @param {string} text
 */
export function statementsOf(text) {
  return text
    .split('\n')
    .filter((line) => !line.startsWith('--'))
    .join('\n')
    .split(/;[ \t]*(?:\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement !== '')
}
