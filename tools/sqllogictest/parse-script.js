// @ts-check
/**
 * Scripts of SQLite's sqllogictest (its documentation: "About SQLLogicTest"), as records.
 *
 * @typedef {'nosort' | 'rowsort' | 'valuesort'} SortMode
 * @typedef {{ kind: 'statement', line: number, sql: string, succeeds: boolean }} StatementRecord
 * @typedef {{
 *   kind: 'query', line: number, sql: string, types: string, sort: SortMode, label: string | undefined,
 *   expected: readonly string[]
 * }} QueryRecord  `expected`: values, or one line that says how many hash to what
 * @typedef {{ kind: 'hash-threshold', line: number, count: number }} ThresholdRecord
 * @typedef {StatementRecord | QueryRecord | ThresholdRecord} ScriptRecord
 */

/**
 * The records that are meant for an engine; those for others are counted only.
 * @param {string} text
 * @param {string} engine as `skipif` and `onlyif` name it
 * @returns {{ records: ScriptRecord[], skipped: number }}
 */
export function parseScript(text, engine) {
  /** @type {ScriptRecord[]} */
  const records = []
  let skipped = 0
  for (const block of blocksOf(text)) {
    const { conditions, line, lines } = block
    const [head = ''] = lines
    const words = head.split(/\s+/)
    if (words[0] === 'halt') {
      if (isMeant(conditions, engine)) break
      continue
    }
    const record = readRecord(words, line, lines.slice(1))
    if (record === undefined) continue
    if (record.kind === 'hash-threshold' || isMeant(conditions, engine)) records.push(record)
    else skipped++
  }
  return { records, skipped }
}

/** @param {readonly string[][]} conditions @param {string} engine */
function isMeant(conditions, engine) {
  return conditions.every(([word, name]) => (word === 'skipif') !== (name === engine))
}

/** @param {string} text */
function* blocksOf(text) {
  const lines = text.split(/\r?\n/)
  for (let at = 0; at < lines.length; at++) {
    /** @type {string[][]} */
    const conditions = []
    while (at < lines.length && isSkippable(lines[at])) at++
    for (; /^(skipif|onlyif)\s/.test(lines[at] ?? ''); at++)
      conditions.push(withoutComment(lines[at]).split(/\s+/))
    while (at < lines.length && (lines[at] ?? '').startsWith('#')) at++
    if (at >= lines.length) return
    const line = at + 1
    /** @type {string[]} */
    const block = []
    for (; at < lines.length && lines[at] !== ''; at++) block.push(lines[at] ?? '')
    if (block.length > 0) yield { conditions, line, lines: [withoutComment(block[0]), ...block.slice(1)] }
  }
}

/** @param {string | undefined} line */
const isSkippable = (line) => line === undefined || line.trim() === '' || line.startsWith('#')

/** @param {string | undefined} line */
const withoutComment = (line = '') => line.replace(/\s*#.*$/, '').trim()

/**
 * @param {readonly string[]} words
 * @param {number} line
 * @param {readonly string[]} rest
 * @returns {ScriptRecord | undefined}
 */
function readRecord(words, line, rest) {
  const [kind, first = '', second = 'nosort', label] = words
  switch (kind) {
    case 'statement':
      return { kind, line, sql: rest.join('\n'), succeeds: first !== 'error' }
    case 'query': {
      const end = rest.indexOf('----')
      const sql = (end < 0 ? rest : rest.slice(0, end)).join('\n')
      const sort = second === 'rowsort' || second === 'valuesort' ? second : 'nosort'
      return { kind, line, sql, types: first, sort, label, expected: end < 0 ? [] : rest.slice(end + 1) }
    }
    case 'hash-threshold':
      return { kind, line, count: Number(first) }
    case 'mode':
      return undefined
    default:
      throw new Error(`line ${line}: "${words.join(' ')}" is no record of sqllogictest`)
  }
}
