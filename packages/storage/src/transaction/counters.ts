import type { Env } from '@orbit-ts/base'

/** One read in this many is timed and counted for all of them: two clock calls cost as much as a cached read. */
const SAMPLE = 64

/** What `ProviderMetrics` is made of. */
export class Counters {
  readOperations = 0
  writeOperations = 0
  deleteOperations = 0
  readLatencyMs = 0
  writeLatencyMs = 0
  errorCount = 0
  transactionsCommitted = 0
  transactionsRolledBack = 0
  conflicts = 0
  deadlocks = 0
  commitGroups = 0

  readonly #env: Env

  constructor(env: Env) {
    this.#env = env
  }

  /** Counts the first `count` of a batch. */
  countWrites(batch: readonly { readonly value: Uint8Array | undefined }[], count: number): void {
    let deletes = 0
    for (let i = 0; i < count; i++) if (batch[i]?.value === undefined) deletes++
    this.deleteOperations += deletes
    this.writeOperations += count - deletes
  }

  /** Counts a read; returns a start time when this one is to be timed. */
  startRead(operations: number): number | undefined {
    this.readOperations += operations
    return this.readOperations % SAMPLE < operations ? this.#env.clock.monotonicMs() : undefined
  }

  endRead(startedMs: number | undefined): void {
    if (startedMs !== undefined) this.readLatencyMs += (this.#env.clock.monotonicMs() - startedMs) * SAMPLE
  }
}
