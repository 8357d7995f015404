import assert from 'node:assert/strict'
import { hasCode, systemEnv, type ErrorCode, type OrbitError } from '@orbit-ts/base'
import { LocalTransactions, openMemoryEngine, openProvider, type StorageProvider } from '@orbit-ts/storage'

/** Asserts that `work` is refused with this code, with a message that fits or has this in it; gives the error back. */
export async function refuses(
  work: Promise<unknown>,
  code: ErrorCode,
  message: RegExp | string,
): Promise<OrbitError> {
  const error: unknown = await work.then(
    () => assert.fail(`${code} was expected`),
    (reason: unknown) => reason,
  )
  assert(hasCode(error, code), `${code} was expected, not ${String(error)}`)
  const fits = typeof message === 'string' ? error.message.includes(message) : message.test(error.message)
  assert(fits, `${String(message)} was expected in: ${error.message}`)
  return error
}

export async function collect<T>(chunks: AsyncIterable<readonly T[]>): Promise<T[]> {
  const found: T[] = []
  for await (const chunk of chunks) {
    assert(chunk.length > 0, 'chunks are never empty')
    found.push(...chunk)
  }
  return found
}

/** Addresses of PD, with commas between: tests then keep their data in this TiKV cluster instead of in memory. */
const PD_ENDPOINTS = process.env['ORBIT_TEST_PD_ENDPOINTS']
let opened = 0

/** An empty store. It lives by the real clock, so that pauses between retries pass. */
export async function openStore(): Promise<StorageProvider> {
  if (PD_ENDPOINTS === undefined) {
    return LocalTransactions.open(await openMemoryEngine({}, { env: systemEnv }))
  }
  const namespace = `test-${process.pid}-${++opened}`
  return openProvider({ kind: 'tikv', pdEndpoints: PD_ENDPOINTS.split(','), namespace })
}
