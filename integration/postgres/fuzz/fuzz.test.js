// @ts-check
/** What PostgreSQL answers, Orbit answers: the statements that ever differed, and those of a seed. */
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { postgresPrograms, startOrbit, startPostgres } from '../../servers/sql-servers.js'
import { connect } from '../compare-servers.js'
import { answerTo, readCases } from './cases.js'
import { connectUnicode, fuzz, KINDS, prepared } from './fuzz.js'

/** @typedef {import('../../servers/sql-servers.js').SqlServer} SqlServer */

/** The same statements in every run, so that a change is to blame for what differs; `random` looks for new ones. */
const { ORBIT_FUZZ_SEED = '1' } = process.env
const SEED = ORBIT_FUZZ_SEED === 'random' ? Math.floor(Math.random() * 2 ** 31) : Number(ORBIT_FUZZ_SEED)
const COUNTS = { calls: 3000, nested: 1000, queries: 600 }

const hasPostgres = postgresPrograms() !== undefined
if (!hasPostgres && process.env['ORBIT_REQUIRE_SERVERS'] === '1') {
  throw new Error('PostgreSQL is not installed (Debian: postgresql-15)')
}
const withoutPostgres = hasPostgres ? false : 'PostgreSQL is not installed (Debian: postgresql-15)'

/** @type {SqlServer} */
let orbit
/** @type {SqlServer | undefined} */
let postgres

before(async () => {
  orbit = await startOrbit()
  if (hasPostgres) postgres = await startPostgres()
})
after(async () => {
  await orbit?.close()
  await postgres?.close()
})

/** @param {import('pg').Client} client */
async function replay(client) {
  const differing = []
  for (const [file, cases] of readCases()) {
    for (const each of cases) {
      const answer = await answerTo(client, each)
      if (answer !== each.answer)
        differing.push({ file, sql: each.sql.join('; '), answer, expected: each.answer })
    }
  }
  await client.end()
  assert.deepEqual(differing, [])
}

test('Orbit answers the statements that ever differed as PostgreSQL does', async () => {
  assert.notEqual(readCases().size, 0)
  await replay(await prepared(await connect(orbit.url)))
})

test('PostgreSQL still answers them as it is written down', { skip: withoutPostgres }, async () => {
  await replay(await prepared(await connectUnicode(postgres?.url ?? '')))
})

for (const kind of KINDS) {
  test(`random ${kind} are answered alike, seed ${SEED}`, { skip: withoutPostgres }, async (context) => {
    const differences = await fuzz({
      ours: orbit.url,
      theirs: postgres?.url ?? '',
      seed: SEED,
      count: COUNTS[kind],
      kind,
      tell: (line) => context.diagnostic(line),
    })
    assert.deepEqual(differences, [])
  })
}
