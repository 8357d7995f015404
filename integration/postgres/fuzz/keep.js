// @ts-check
/**
 * `node integration/postgres/fuzz/keep.js NAME FILE`: keeps the statements of a file as cases of `cases/NAME.jsonl` with
 * what PostgreSQL answers. Statements before a line `--` make the tables.
 */
import { readFileSync } from 'node:fs'
import { startPostgres } from '../../servers/sql-servers.js'
import { statementsOf } from '../compare-servers.js'
import { answerTo, keepCases } from './cases.js'
import { connectUnicode, prepared } from './fuzz.js'

const [name = '', file = ''] = process.argv.slice(2)
const [first = '', second] = readFileSync(file, 'utf8').split(/^--$/m)
const setup = second === undefined ? [] : statementsOf(first)
const server = await startPostgres()
try {
  const client = await prepared(await connectUnicode(server.url))
  const cases = []
  for (const statement of statementsOf(second ?? first)) {
    const asked = { ...(setup.length > 0 ? { setup } : {}), sql: [statement], isOrdered: true }
    cases.push({ ...asked, answer: await answerTo(client, asked) })
  }
  await client.end()
  console.log(`${keepCases(`${name}.jsonl`, cases)} of ${cases.length} are new`)
} finally {
  await server.close()
}
