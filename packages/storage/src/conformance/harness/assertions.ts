import assert from 'node:assert/strict'
import { inspect } from 'node:util'
import { type ErrorCode, OrbitError, systemEnv } from '@orbit-ts/base'

/** Runs `work`, which must throw or reject with an `OrbitError` of one of `codes`, and returns that error. */
export async function failure(work: () => unknown, ...codes: ErrorCode[]): Promise<OrbitError> {
  const error = await errorOf(work)
  if (error === undefined) assert.fail(`expected ${codes.join(' or ')}, but the call succeeded`)
  return expectCode(error, codes)
}

/** The error of a function that must throw at once, not reject later. */
export function thrown(work: () => void, code: ErrorCode): OrbitError {
  try {
    work()
  } catch (error) {
    return expectCode(asError(error), [code])
  }
  assert.fail(`expected ${code}, but the call succeeded`)
}

/** True when `work` succeeds, false when it fails with one of `codes`; any other error fails the test. */
export async function succeeds(work: () => Promise<unknown>, ...codes: ErrorCode[]): Promise<boolean> {
  const error = await errorOf(work)
  if (error !== undefined) expectCode(error, codes)
  return error === undefined
}

function expectCode(error: Error, codes: readonly ErrorCode[]): OrbitError {
  if (error instanceof OrbitError && codes.includes(error.code)) return error
  const expected = codes.length === 0 ? 'success' : codes.join(' or ')
  throw new Error(`expected ${expected}, but the call failed otherwise: ${error.message}`, { cause: error })
}

async function errorOf(work: () => unknown): Promise<Error | undefined> {
  try {
    await work()
    return undefined
  } catch (error) {
    return asError(error)
  }
}

function asError(thrownValue: unknown): Error {
  return thrownValue instanceof Error ? thrownValue : new Error(`not an error: ${inspect(thrownValue)}`)
}

/** Lets everything run that needs no timer, so that a promise that still waits is waiting for another transaction. */
export async function quiesce(): Promise<void> {
  for (let turn = 0; turn < 5; turn++) await systemEnv.timers.nextTurn()
}

/** Watches a promise without awaiting it. A rejection is kept, not reported as unhandled. */
export function watch<T>(promise: Promise<T>): { readonly settled: boolean; readonly promise: Promise<T> } {
  const watched = { settled: false, promise }
  const mark = (): void => {
    watched.settled = true
  }
  promise.then(mark, mark)
  return watched
}
