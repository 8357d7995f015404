/**
 * Puts a load on a database and measures each operation.
 *
 * Invariants:
 * 1. Every operation that began is counted once, as done or, by the code of its error, as failed.
 * 2. With a rate, an operation's time begins when its turn came, not when a client was free for it: what waits behind a
 *    slow operation counts as slow (no coordinated omission).
 */
import { delay, OrbitError, type Env, type ErrorCode } from '@orbit-ts/base'
import type { Database } from '@orbit-ts/engine'
import { Latencies, type LatencySummary } from './latencies.js'
import type { LoadTarget } from './load-target.js'
import { isWrite, type WorkloadName } from './workload.js'

export interface LoadOptions {
  readonly workload: WorkloadName
  /** Operations under way at once. */
  readonly clients: number
  /** Records that are written before the measurement, and among which operations choose. */
  readonly records: number
  /** The load ends after so many operations, */
  readonly operations: number
  /** or after this time, whichever comes first. */
  readonly durationMs: number
  /** Operations per second; undefined: as many as the clients manage. */
  readonly rate: number | undefined
  readonly env: Env
  readonly signal: AbortSignal
  /** Told after each record of the preparation. */
  readonly onPrepared?: (done: number) => void
}

export interface LoadReport {
  readonly seconds: number
  readonly operations: number
  readonly perSecond: number
  readonly all: LatencySummary | undefined
  readonly writes: LatencySummary | undefined
  readonly reads: LatencySummary | undefined
  /** Operations that failed, by the code of their error; their times are in none of the summaries. */
  readonly failed: Readonly<Partial<Record<ErrorCode, number>>>
}

/** Writes each record once. @throws ABORTED, and what writing throws */
export async function prepareLoad(
  database: Database,
  target: LoadTarget,
  options: LoadOptions,
): Promise<void> {
  const { records, clients, signal, onPrepared } = options
  let next = 0
  let done = 0
  const worker = async (): Promise<void> => {
    while (next < records) {
      throwIfAborted(signal)
      await target.write(database, next++)
      onPrepared?.(++done)
    }
  }
  await Promise.all(Array.from({ length: clients }, worker))
}

/** The load itself. It ends early, with what was measured so far, when the signal is aborted. */
export async function runLoad(
  database: Database,
  target: LoadTarget,
  options: LoadOptions,
): Promise<LoadReport> {
  const { workload, clients, operations, durationMs, rate, records, env, signal } = options
  const times = { all: new Latencies(), writes: new Latencies(), reads: new Latencies() }
  const failed: Partial<Record<ErrorCode, number>> = {}
  const startMs = env.clock.monotonicMs()
  const dueMs = (number: number): number => startMs + (rate === undefined ? 0 : (number * 1000) / rate)
  let next = 0
  let count = 0
  const worker = async (): Promise<void> => {
    while (next < operations && !signal.aborted) {
      const number = next++
      const waitMs = dueMs(number) - env.clock.monotonicMs()
      if (dueMs(number) - startMs >= durationMs) return
      if (waitMs > 0) await delay(env, waitMs, signal).catch(() => undefined)
      const nowMs = env.clock.monotonicMs()
      if (signal.aborted || nowMs - startMs >= durationMs) return
      const beganMs = rate === undefined ? nowMs : dueMs(number)
      const writes = isWrite(workload, number)
      const record = Math.floor(env.random.float() * records)
      count += 1
      try {
        await (writes ? target.write(database, record) : target.read(database, record))
        const tookMs = env.clock.monotonicMs() - beganMs
        times.all.record(tookMs)
        times[writes ? 'writes' : 'reads'].record(tookMs)
      } catch (error) {
        const { code } = OrbitError.from(error)
        failed[code] = (failed[code] ?? 0) + 1
      }
    }
  }
  await Promise.all(Array.from({ length: clients }, worker))
  const seconds = (env.clock.monotonicMs() - startMs) / 1000
  return {
    seconds,
    operations: count,
    perSecond: seconds === 0 ? 0 : count / seconds,
    all: times.all.summary(),
    writes: times.writes.summary(),
    reads: times.reads.summary(),
    failed,
  }
}

function throwIfAborted(signal: AbortSignal): void {
  if (signal.aborted) throw new OrbitError('ABORTED', 'the preparation of the load was interrupted')
}
