// @ts-check
/** A process that commits numbered transactions until it is killed: `worker.js <provider options as JSON> <first n>`. */
import { writeSync } from 'node:fs'
import { openWorkload, runTransaction } from './workload.js'

const CONCURRENCY = 8

const db = await openWorkload(JSON.parse(process.argv[2] ?? '{}'))
let next = Number(process.argv[3])
writeSync(1, 'ready\n')
await Promise.all(
  Array.from({ length: CONCURRENCY }, async () => {
    for (;;) {
      const n = next++
      await runTransaction(db, n)
      // Synchronous, so that the line is with the parent before anything else can happen to this process.
      writeSync(1, `${n}\n`)
    }
  }),
)
