import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { after, before, describe, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { fromUtf8 } from '@orbit-ts/base'
import { openProvider } from '../providers/open-provider.js'
import { DistributedTransactionCoordinator } from './distributed-transaction-coordinator.js'

const WORKER = fileURLToPath(new URL('./crash-worker.fake.js', import.meta.url))
const STEPS = [
  'recorded',
  'prepared:a',
  'prepared:b',
  'all-prepared',
  'decided',
  'applied:a',
  'applied:b',
  'forgotten',
]
const RANDOM_KILLS = 12

interface Killed {
  readonly acknowledged: readonly number[]
  readonly stoppedAt: number | undefined
}

/** Runs a process until it stops at its step, or has acknowledged `count`, and kills it there. */
async function runAndKill(directory: string, first: number, stopAt: string, count: number): Promise<Killed> {
  const child = spawn(process.execPath, [WORKER, directory, String(first), stopAt], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise<NodeJS.Signals | null>((resolve) =>
    child.once('exit', (_, signal) => resolve(signal)),
  )
  const acknowledged: number[] = []
  let stoppedAt: number | undefined
  for await (const line of createInterface({ input: child.stdout })) {
    const [word, number] = line.split(' ')
    if (word === 'ack') acknowledged.push(Number(number))
    else stoppedAt = Number(number)
    if (stoppedAt !== undefined || acknowledged.length === count) child.kill('SIGKILL')
  }
  assert.equal(await ended, 'SIGKILL')
  return { acknowledged, stoppedAt }
}

describe('a process that is killed with two stores on disk', () => {
  let directory: string
  const acknowledged = new Set<number>()
  let next = 0
  before(async () => {
    directory = await mkdtemp(join(tmpdir(), 'orbit-distributed-'))
  })
  after(() => rm(directory, { recursive: true, force: true }))

  /** The numbers that are in both stores; fails when one is in one only, when one is lost, or when anything is left. */
  async function recovered(): Promise<ReadonlySet<number>> {
    await using a = await openProvider({ kind: 'rocksdb', dataDir: join(directory, 'a') })
    await using b = await openProvider({ kind: 'rocksdb', dataDir: join(directory, 'b') })
    await using coordinator = await DistributedTransactionCoordinator.open({ stores: { a, b }, log: 'a' })
    assert.deepEqual((await coordinator.recover()).left, [])
    const found: string[][] = []
    for (const store of [a, b]) {
      await using tx = await store.begin()
      const keys: string[] = []
      for await (const chunk of tx.scan({}, { keysOnly: true }))
        keys.push(...chunk.map(({ key }) => fromUtf8(key)))
      found.push(keys.filter((key) => key !== '_distributed.identity'))
    }
    assert.deepEqual(found[0], found[1])
    const numbers = new Set((found[0] ?? []).map((key) => Number(key.slice(1))))
    assert.equal(numbers.has(NaN), false)
    for (const number of acknowledged) assert.ok(numbers.has(number), `transaction ${number} is lost`)
    return numbers
  }

  for (const [at, step] of STEPS.entries()) {
    const survives = at >= STEPS.indexOf('decided')
    test(`at ${step}: the transaction ${survives ? 'is there' : 'is not there'}, all before it are`, async () => {
      const killed = await runAndKill(directory, next, step, Infinity)
      for (const number of killed.acknowledged) acknowledged.add(number)
      assert.equal(killed.acknowledged.length, 3)
      const stoppedAt = next + 3
      assert.equal(killed.stoppedAt, stoppedAt)
      const numbers = await recovered()
      assert.equal(numbers.has(stoppedAt), survives)
      next = stoppedAt + 1
    })
  }

  test('anywhere: what was acknowledged is there, and nothing by half', async () => {
    for (let kill = 0; kill < RANDOM_KILLS; kill++) {
      const killed = await runAndKill(directory, next, '', 1 + ((kill * 7) % 20))
      for (const number of killed.acknowledged) acknowledged.add(number)
      const numbers = await recovered()
      next = Math.max(next, ...numbers) + 1
    }
  })
})
