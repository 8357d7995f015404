import type { ClientCore } from '../core/client-core.js'
import type { KeyRange } from '../key-range.js'
import { runBounded, type WorkScope } from '../region/run-bounded.js'
import { BackoffBudgets } from '../retry/backoff-kind.js'

/** Regions that one task covers. */
export const REGIONS_PER_TASK = 128

export interface RangeTaskWork {
  readonly core: ClientCore
  readonly range: KeyRange
  /** Tasks under way at once. */
  readonly concurrency: number
  readonly regionsPerTask?: number | undefined
  readonly signal?: AbortSignal | undefined
  /** Does the work of one part of the range, which spans about `regionsPerTask` regions. */
  run(range: KeyRange, signal: AbortSignal): Promise<void>
}

type Task =
  { readonly kind: 'cut'; readonly start: Uint8Array } | { readonly kind: 'run'; readonly range: KeyRange }

/**
 * Cuts a range into parts of so many regions, and runs them a few at once, cutting as it goes on. Ends with the first
 * error, when everything under way has ended.
 * Equivalent in client-go: `txnkv/rangetask.Runner`.
 */
export async function runRangeTask(work: RangeTaskWork): Promise<void> {
  const { range } = work
  if (range.end.length > 0 && Buffer.compare(range.start, range.end) >= 0) return
  await runBounded<Task>({
    tasks: [{ kind: 'cut', start: range.start }],
    concurrency: work.concurrency,
    signal: work.signal,
    run: (task, scope) =>
      task.kind === 'run' ? work.run(task.range, scope.signal) : cut(work, task.start, scope),
  })
}

async function cut(work: RangeTaskWork, start: Uint8Array, scope: WorkScope<Task>): Promise<void> {
  const { core, range } = work
  const backoffer = core.backoffer(BackoffBudgets.locateRegion, scope.signal)
  const limit = work.regionsPerTask ?? REGIONS_PER_TASK
  const parts = await core.regions.splitRange(backoffer, { start, end: range.end }, limit)
  const reached = parts.length < limit ? range.end : (parts.at(-1)?.range.end ?? range.end)
  const isLast = reached.length === 0 || Buffer.compare(reached, range.end) === 0
  scope.push({ kind: 'run', range: { start, end: isLast ? range.end : reached } })
  if (!isLast) scope.push({ kind: 'cut', start: reached })
}
