/**
 * What concurrent transactions saw, and whether an order of them explains it.
 *
 * A transaction's steps are replayed against the state that a number of commits left behind; it is explained by that
 * state when every one of its reads gives again what it gave then.
 */
export type Step =
  | { readonly type: 'get'; readonly key: string; readonly seen: string | undefined }
  | {
      readonly type: 'scan'
      readonly start: string
      readonly end: string
      readonly reverse: boolean
      readonly limit: number
      readonly seen: readonly string[]
    }
  | { readonly type: 'put'; readonly key: string; readonly value: string }
  | { readonly type: 'delete'; readonly key: string }

export interface CommittedTransaction {
  readonly name: string
  readonly steps: readonly Step[]
  /** 0n: it wrote nothing. */
  readonly version: bigint
  /** The newest commit that was acknowledged to anyone before this transaction began. */
  readonly acknowledgedBefore: bigint
}

type State = ReadonlyMap<string, string>

/** The state before the first commit and after each, with the commits in order. */
interface Timeline {
  readonly commits: readonly CommittedTransaction[]
  readonly states: readonly State[]
}

/** Says which transaction no serial order in commit order explains; undefined when all are. */
export function unserializable(
  history: readonly CommittedTransaction[],
  initial: ReadonlyMap<string, string>,
): string | undefined {
  const timeline = timelineOf(history, initial)
  for (const [position, tx] of timeline.commits.entries()) {
    const mismatch = replay(tx, timeline.states[position] ?? new Map())
    if (mismatch !== undefined) return `${tx.name} at version ${tx.version}: ${mismatch}`
  }
  return unexplainedReader(history, timeline)
}

/** Says which transaction is not explained by one snapshot with first-committer-wins; undefined when all are. */
export function notSnapshotIsolated(
  history: readonly CommittedTransaction[],
  initial: ReadonlyMap<string, string>,
): string | undefined {
  const timeline = timelineOf(history, initial)
  for (const [position, tx] of timeline.commits.entries()) {
    const first = firstAllowed(tx, timeline, position)
    if (!explainedBetween(tx, timeline, first, position)) {
      return `${tx.name} at version ${tx.version}: no snapshot from which it could overwrite what it wrote explains its reads`
    }
  }
  return unexplainedReader(history, timeline)
}

function timelineOf(
  history: readonly CommittedTransaction[],
  initial: ReadonlyMap<string, string>,
): Timeline {
  const commits = history.filter(({ version }) => version > 0n)
  commits.sort((a, b) => (a.version < b.version ? -1 : 1))
  const states: State[] = [initial]
  for (const tx of commits) states.push(applied(tx, states.at(-1) ?? initial))
  return { commits, states }
}

function unexplainedReader(history: readonly CommittedTransaction[], timeline: Timeline): string | undefined {
  const readers = history.filter(({ version }) => version === 0n)
  const lost = readers.find(
    (tx) => !explainedBetween(tx, timeline, acknowledged(tx, timeline), timeline.commits.length),
  )
  return lost === undefined ? undefined : `${lost.name}: no state of the store explains its reads`
}

/** The first position that shows every commit acknowledged before the transaction began. */
function acknowledged(tx: CommittedTransaction, { commits }: Timeline): number {
  return commits.filter(({ version }) => version <= tx.acknowledgedBefore).length
}

/** The first position after which nobody else committed a write to what `tx` wrote. */
function firstAllowed(tx: CommittedTransaction, timeline: Timeline, position: number): number {
  const written = keysWritten(tx)
  let first = acknowledged(tx, timeline)
  for (const [index, other] of timeline.commits.slice(0, position).entries()) {
    if ([...keysWritten(other)].some((key) => written.has(key))) first = Math.max(first, index + 1)
  }
  return first
}

function explainedBetween(
  tx: CommittedTransaction,
  { states }: Timeline,
  first: number,
  last: number,
): boolean {
  return states.slice(first, last + 1).some((state) => replay(tx, state) === undefined)
}

function keysWritten(tx: CommittedTransaction): Set<string> {
  return new Set(
    tx.steps.flatMap((step) => (step.type === 'put' || step.type === 'delete' ? [step.key] : [])),
  )
}

function applied(tx: CommittedTransaction, state: State): State {
  const after = new Map(state)
  for (const step of tx.steps) write(after, step)
  return after
}

/** What the first read that differs gave, or undefined. */
function replay(tx: CommittedTransaction, state: State): string | undefined {
  const own = new Map(state)
  for (const step of tx.steps) {
    const expected = read(own, step)
    if (expected !== undefined && 'seen' in step && expected !== String(step.seen)) {
      return `${JSON.stringify(step)} should have given ${expected}`
    }
    write(own, step)
  }
  return undefined
}

function write(state: Map<string, string>, step: Step): void {
  if (step.type === 'put') state.set(step.key, step.value)
  if (step.type === 'delete') state.delete(step.key)
}

function read(state: State, step: Step): string | undefined {
  if (step.type === 'get') return String(state.get(step.key))
  if (step.type !== 'scan') return undefined
  const keys = [...state.keys()].filter((key) => key >= step.start && key < step.end)
  keys.sort()
  if (step.reverse) keys.reverse()
  return String(keys.slice(0, step.limit).map((key) => `${key}=${state.get(key)}`))
}
