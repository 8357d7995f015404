/**
 * A process that commits numbered transactions in two stores until it is killed:
 * `crash-worker.fake.js <directory> <first number> <step to stop at, or nothing>`. It writes `ack <n>` after each, and
 * `at <n>` when it has come to the step, where it stays.
 */
import { writeSync } from 'node:fs'
import { join } from 'node:path'
import { delay, systemEnv, utf8 } from '@orbit-ts/base'
import { openProvider } from '../providers/open-provider.js'
import { DistributedTransactionCoordinator } from './distributed-transaction-coordinator.js'

const [, , directory = '.', first = '0', stopAt = ''] = process.argv
/** Transactions that go through before one stops. */
const BEFORE_STOP = 3

const stores = {
  a: await openProvider({ kind: 'rocksdb', dataDir: join(directory, 'a') }),
  b: await openProvider({ kind: 'rocksdb', dataDir: join(directory, 'b') }),
}
let n = Number(first)
const coordinator = await DistributedTransactionCoordinator.open({
  stores,
  log: 'a',
  onStep: async (_, step) => {
    const name = 'store' in step ? `${step.step}:${step.store}` : step.step
    if (name !== stopAt || n < Number(first) + BEFORE_STOP) return
    writeSync(1, `at ${n}\n`)
    // Long enough to be killed in.
    await delay(systemEnv, 600_000)
  },
})
for (; ; n++) {
  await coordinator.transact(async (tx) => {
    for (const name of ['a', 'b']) (await tx.on(name)).put(utf8(`k${n}`), utf8(String(n)))
  })
  writeSync(1, `ack ${n}\n`)
}
