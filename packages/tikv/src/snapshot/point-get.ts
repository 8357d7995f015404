import type { Backoffer } from '../retry/backoffer.js'
import { tikvMethods } from '../rpc/methods.js'
import { MAX_TIMESTAMP, type Timestamp } from '../timestamp.js'
import { ReadAttempts, type RegionReader } from './region-reader.js'
import type { CachedValue } from './value-cache.js'

/** Reads one key, whatever locks and region changes it meets on the way. */
export async function pointGet(
  reader: RegionReader,
  backoffer: Backoffer,
  key: Uint8Array,
  needCommitTs: boolean,
): Promise<CachedValue> {
  const attempts = new ReadAttempts()
  let firstLock: Timestamp | undefined
  for (;;) {
    const region = await reader.locate(backoffer, key)
    const request = { context: undefined, key, version: reader.readTs, needCommitTs }
    const { response, regionError } = await reader.send(
      backoffer,
      region,
      tikvMethods.kvGet,
      request,
      attempts,
    )
    if (regionError !== undefined) {
      await reader.core.regions.backoffForRegionError(backoffer, regionError)
      continue
    }
    if (response.error === undefined) {
      return response.notFound ? undefined : { value: response.value, commitTs: response.commitTs }
    }
    const locks = reader.locksOf(response.error)
    const lockTs = locks[0]?.lockVersion
    attempts.meetLock()
    firstLock ??= lockTs
    // What was committed when the read began is behind the first lock: a later one cannot concern it.
    const isLater = reader.readTs === MAX_TIMESTAMP && lockTs !== undefined && lockTs !== firstLock
    if (isLater && reader.ignoreLocksOf(lockTs)) continue
    await reader.settleLocks(backoffer, locks, { lite: true, cleanInLine: needCommitTs })
  }
}
