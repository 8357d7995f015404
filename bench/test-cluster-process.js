// @ts-check
/** The test cluster in a process of its own, which counts the requests that it gets. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const SETTLED_MS = 30
const CHILD = 'cluster'

/** @typedef {{ stores: number, pd: number }} Requests */

if (process.argv[2] === CHILD) await serve()

async function serve() {
  const { TestCluster } = await import('@orbit-ts/tikv/testing')
  const cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
  cluster.faults.logLimit = 0
  process.on('message', () => {
    const pd = [...cluster.pd.calls.values()].reduce((sum, count) => sum + count, 0)
    process.send?.({ stores: cluster.faults.callCount, pd })
  })
  process.on('disconnect', () => process.exit())
  process.send?.(cluster.pdEndpoints)
}

/**
 * Three stores and a PD.
 * @returns {Promise<{ pdEndpoints: string[], settled: () => Promise<Requests>, close: () => void }>}
 *   `settled`: the requests so far, once no more come: clients clean up behind a commit.
 */
export async function startTestCluster() {
  const child = fork(fileURLToPath(import.meta.url), [CHILD])
  const [pdEndpoints] = await once(child, 'message')
  /** @returns {Promise<Requests>} */
  const ask = async () => {
    child.send('requests')
    const [requests] = await once(child, 'message')
    return requests
  }
  const settled = async () => {
    for (let before = await ask(); ;) {
      await sleep(SETTLED_MS)
      const now = await ask()
      if (now.stores === before.stores) return now
      before = now
    }
  }
  return { pdEndpoints, settled, close: () => child.disconnect() }
}
