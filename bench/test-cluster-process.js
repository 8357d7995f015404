// @ts-check
/** The test cluster in a process of its own, which counts the requests that it gets. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** No request for so long: what clients do behind a commit is done. */
const QUIET_MS = 30
const CHILD = 'cluster'

/** @typedef {{ stores: number, pd: number }} Requests */

if (process.argv[2] === CHILD) await serve()

async function serve() {
  const { TestCluster } = await import('@orbit-ts/tikv/testing')
  const cluster = await TestCluster.start({ transport: 'sockets', stores: 3 })
  cluster.faults.logLimit = 0
  const answer = () => {
    const pd = [...cluster.pd.calls.values()].reduce((sum, count) => sum + count, 0)
    process.send?.({ stores: cluster.faults.callCount, pd })
  }
  /** @type {NodeJS.Timeout | undefined} */
  let quiet
  // Each request that comes while somebody asks begins the wait anew.
  const watch = () => {
    quiet?.refresh()
    return false
  }
  process.on('message', () => {
    const watching = cluster.faults.add({ where: watch }, { kind: 'delay', ms: 0 })
    quiet = setTimeout(() => {
      watching.remove()
      quiet = undefined
      answer()
    }, QUIET_MS)
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
  const settled = async () => {
    child.send('requests')
    const [requests] = await once(child, 'message')
    return requests
  }
  return { pdEndpoints, settled, close: () => child.disconnect() }
}
