import type { TxnStatus } from '../../gen/kvrpcpb.js'
import { runBounded } from '../../region/run-bounded.js'
import { tikvMethods } from '../../rpc/methods.js'
import type { TransactionCalls } from '../commit/transaction-calls.js'

const TIMEOUT_MS = 5000
const STORES_AT_ONCE = 10

/**
 * Tells every TiKV server how far the transaction is, so that readers who meet its many locks need not ask its primary.
 * Only a help: failures are ignored.
 */
export async function broadcastStatus(
  calls: TransactionCalls,
  status: Omit<TxnStatus, 'startTs'>,
  signal: AbortSignal,
): Promise<void> {
  const { regions, rpc, logger } = calls.core
  const request = { context: calls.context, txnStatus: [{ startTs: calls.startTs, ...status }] }
  try {
    const stores = await regions.stores()
    await runBounded({
      tasks: stores.filter(({ isTiFlash }) => !isTiFlash),
      concurrency: STORES_AT_ONCE,
      signal,
      cancelOnError: false,
      run: async ({ address }) => {
        await rpc.call(address, tikvMethods.broadcastTxnStatus, request, { timeoutMs: TIMEOUT_MS, signal })
      },
    })
  } catch (error) {
    logger.debug({ startTs: String(calls.startTs), err: error }, 'a status was not told to every server')
  }
}
