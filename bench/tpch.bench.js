// @ts-check
/**
 * The decision-support queries of `tpch/` on Orbit and on PostgreSQL of this machine, over the wire: answers are
 * compared, then times. `TPCH_SCALE` (default 0.01) and `TPCH_ROUNDS` (default 3) say how much; exit code 1 where an
 * answer differs.
 */
import pg from 'pg'
import { startOrbit, startPostgres } from '../integration/servers/sql-servers.js'
import { contest, printTable } from './measure.js'
import { fillTables } from './tpch/fill-tables.js'
import { generateRows } from './tpch/generate-rows.js'
import { QUERIES } from './tpch/queries.js'

const scale = Number(process.env['TPCH_SCALE'] ?? 0.01)
const rounds = Number(process.env['TPCH_ROUNDS'] ?? 3)
const tables = generateRows(scale)
const servers = { ours: await startOrbit(), rival: await startPostgres(['fsync=off']) }
let differing = 0
try {
  const ours = await connected(servers.ours.url)
  const rival = await connected(servers.rival.url)
  console.log(`scale ${scale}, ${tables['lineitem']?.length} line items, both without waiting for the disk`)
  for (const [name, client] of /** @type {const} */ ([
    ['Orbit', ours],
    ['PostgreSQL', rival],
  ])) {
    const startedMs = performance.now()
    await fillTables((sql) => client.query(sql), tables)
    console.log(`filled ${name} in ${((performance.now() - startedMs) / 1000).toFixed(1)} s`)
  }
  const rows = [
    ['query', 'rows', 'answers', 'Orbit ms, min / median', 'PostgreSQL ms, min / median', 'ratio'],
  ]
  for (const { name, sql } of QUERIES) {
    const [answer, expected] = [await answerOf(ours, sql), await answerOf(rival, sql)]
    const isEqual = JSON.stringify(answer) === JSON.stringify(expected)
    if (!isEqual) {
      differing++
      console.log(
        `${name}: ${answer.length} rows ${JSON.stringify(answer[0])}, expected ${expected.length} ${JSON.stringify(expected[0])}`,
      )
    }
    const times = await contest(
      { name, ours: () => answerOf(ours, sql), rival: () => answerOf(rival, sql), per: 1000 },
      rounds,
    )
    const shown = (/** @type {import('./measure.js').Times} */ { min, median }) =>
      `${min.toFixed(1)} / ${median.toFixed(1)}`
    const ratio = `${(times.ours.median / times.rival.median).toFixed(2)} ×`
    rows.push([
      name,
      String(answer.length),
      isEqual ? 'equal' : 'DIFFER',
      shown(times.ours),
      shown(times.rival),
      ratio,
    ])
  }
  printTable(rows)
  await ours.end()
  await rival.end()
} finally {
  await servers.ours.close()
  await servers.rival.close()
}
process.exit(differing > 0 ? 1 : 0)

/** @param {string} url */
async function connected(url) {
  const client = new pg.Client({ connectionString: url })
  // The servers end before the clients when something goes wrong; that is not the error to show.
  client.on('error', () => undefined)
  await client.connect()
  return client
}

/**
 * Values as text, as the server wrote them.
 * @param {pg.Client} client
 * @param {string} sql
 * @returns {Promise<unknown[][]>}
 */
async function answerOf(client, sql) {
  const result = await client.query({ text: sql, rowMode: 'array', types: { getTypeParser: () => String } })
  return result.rows
}
