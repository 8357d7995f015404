import assert from 'node:assert/strict'
import { type ErrorCode, OrbitError, systemEnv } from '@orbit-ts/base'

/** Runs `work`, which must throw or reject with an `OrbitError` of one of `codes`, and returns that error. */
export async function failure(work: () => unknown, ...codes: ErrorCode[]): Promise<OrbitError> {
  const outcome = await settle(work)
  if (outcome === undefined) assert.fail(`expected ${codes.join(' or ')}, but the call succeeded`)
  if (outcome instanceof OrbitError && codes.includes(outcome.code)) return outcome
  throw new Error(`expected ${codes.join(' or ')}, but the call failed otherwise: ${String(outcome)}`, {
    cause: outcome,
  })
}

/** The error of a function that must throw at once, not reject later. */
export function thrown(work: () => void, code: ErrorCode): OrbitError {
  try {
    work()
  } catch (error) {
    if (error instanceof OrbitError && error.code === code) return error
    throw new Error(`expected ${code}, but the call threw otherwise: ${String(error)}`, { cause: error })
  }
  assert.fail(`expected ${code}, but the call succeeded`)
}

/** True when `work` succeeds, false when it fails with one of `codes`; any other error passes through. */
export async function succeeds(work: () => Promise<unknown>, ...codes: ErrorCode[]): Promise<boolean> {
  const outcome = await settle(work)
  if (outcome === undefined) return true
  if (outcome instanceof OrbitError && codes.includes(outcome.code)) return false
  throw outcome
}

async function settle(work: () => unknown): Promise<unknown> {
  try {
    await work()
    return undefined
  } catch (error) {
    return error ?? new Error('the call failed with no error at all')
  }
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
