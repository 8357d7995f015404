// @ts-check
/**
 * `node integration/postgres/fuzz/main.js [--seed N] [--count N] [--kind calls|nested|queries] [--only NAME] [--ours URL --theirs URL]`
 *
 * Asks Orbit and PostgreSQL the same random questions and prints where the answers differ, made small, with the command
 * that repeats it. Without URLs it starts both servers. Ends with 1 when they differ.
 */
import { parseArgs } from 'node:util'
import { startOrbit, startPostgres } from '../../servers/sql-servers.js'
import { fuzz, KINDS } from './fuzz.js'

const { values } = parseArgs({
  options: {
    seed: { type: 'string' },
    count: { type: 'string', default: '2000' },
    kind: { type: 'string', default: 'calls' },
    only: { type: 'string' },
    ours: { type: 'string' },
    theirs: { type: 'string' },
  },
})
const kind = KINDS.find((each) => each === values.kind)
if (kind === undefined) throw new Error(`--kind is one of ${KINDS.join(', ')}`)
const started = [...(values.ours === undefined ? [await startOrbit()] : [])]
const ours = values.ours ?? started[0]?.url ?? ''
if (values.theirs === undefined) started.push(await startPostgres())
const theirs = values.theirs ?? started.at(-1)?.url ?? ''
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31))
try {
  const differences = await fuzz({
    ours,
    theirs,
    seed,
    count: Number(values.count),
    kind,
    only: values.only,
    tell: console.log,
  })
  console.log(`${differences.length} differ (seed ${seed})`)
  process.exitCode = differences.length > 0 ? 1 : 0
} finally {
  for (const server of started) await server.close()
}
