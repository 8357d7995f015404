// @ts-check
/** `node integration/postgres/compare.js OURS THEIRS FILE…`: prints what two servers answer differently to scripts. */
import { readFileSync } from 'node:fs'
import { answerOf, connect, difference, statementsOf } from './compare-servers.js'

const [ours = '', theirs = '', ...files] = process.argv.slice(2)
let [differing, all] = [0, 0]
for (const file of files) {
  const clients = [await connect(ours), await connect(theirs)]
  const [a, b] = clients
  for (const client of clients)
    for (const sql of ['DROP SCHEMA public CASCADE', 'CREATE SCHEMA public'])
      await client.query(sql).catch(() => undefined)
  for (const sql of statementsOf(readFileSync(file, 'utf8'))) {
    if (a === undefined || b === undefined) break
    const found = difference(sql, await answerOf(a, sql), await answerOf(b, sql))
    all++
    if (found === undefined) continue
    differing++
    console.log(found)
  }
  for (const client of clients) await client.end()
}
console.log(`${differing} of ${all} differ`)
process.exit(differing > 0 ? 1 : 0)
