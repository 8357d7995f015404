import { defined } from '@orbit-ts/base'
import { classifyCycle, DependencyGraph, describeCycle } from './dependency-graph.js'
import { nameOf, payloadOf, type Anomaly, type HistoryTransaction, type Operation } from './history.js'

/** Elements of a list; each belongs to one append of one transaction. */
export type List = readonly string[]

export function listOf(value: string | undefined): List {
  const payload = value === undefined ? '' : payloadOf(value)
  return payload === '' ? [] : payload.split(',')
}

interface Append {
  readonly transaction: HistoryTransaction
  /** A later append of the same transaction to the same key followed. */
  readonly intermediate: boolean
}

/**
 * Checks a history of lists that transactions read and append to: reads of the values alone, no timestamps.
 *
 * The final list of a key is the order of its versions; every read must be a beginning of it. From that follow the
 * dependencies between transactions, and the anomalies are cycles of them (Adya; Kingsbury and Alvaro, "Elle").
 * Transactions with an unknown outcome count when an element of theirs was seen.
 *
 * @param final What was read after everything had ended.
 */
export function checkListAppend(
  history: readonly HistoryTransaction[],
  final: ReadonlyMap<string, List>,
  level: 'snapshot' | 'serializable',
): Anomaly[] {
  const appends = appendsOf(history)
  const anomalies = [
    ...[...final].flatMap(([key, list]) => checkFinal(key, list, appends)),
    ...lostAppends(history, final),
    ...history.flatMap((transaction) => checkReads(transaction, final, appends)),
  ]
  if (anomalies.length > 0) return anomalies
  return checkCycles(buildGraph(history, final, appends), level)
}

function appendsOf(history: readonly HistoryTransaction[]): Map<string, Append> {
  const appends = new Map<string, Append>()
  for (const transaction of history) {
    const last = new Map<string, string>()
    for (const operation of transaction.operations) {
      const element = appendedBy(operation)
      if (operation.kind !== 'write' || element === undefined) continue
      const before = last.get(operation.key)
      if (before !== undefined) appends.set(idOf(operation.key, before), { transaction, intermediate: true })
      appends.set(idOf(operation.key, element), { transaction, intermediate: false })
      last.set(operation.key, element)
    }
  }
  return appends
}

function appendedBy(operation: Operation): string | undefined {
  return operation.kind === 'write' ? listOf(operation.value).at(-1) : undefined
}

function idOf(key: string, element: string): string {
  return `${key}/${element}`
}

function checkFinal(key: string, list: List, appends: ReadonlyMap<string, Append>): Anomaly[] {
  const repeated = list.filter((element, at) => list.indexOf(element) !== at)
  return [
    ...repeated.map((element) => ({
      kind: 'duplicate',
      detail: `${key} has ${element} twice: ${list.join()}`,
    })),
    ...list.flatMap((element) => {
      const append = appends.get(idOf(key, element))
      if (append === undefined)
        return [{ kind: 'from-nowhere', detail: `${key} has ${element}, which nobody wrote` }]
      if (append.transaction.outcome !== 'aborted') return []
      return [
        {
          kind: 'aborted-write',
          detail: `${key} has ${element} of ${nameOf(append.transaction)}, which failed`,
        },
      ]
    }),
  ]
}

function lostAppends(history: readonly HistoryTransaction[], final: ReadonlyMap<string, List>): Anomaly[] {
  return history
    .filter(({ outcome }) => outcome === 'committed')
    .flatMap((transaction) =>
      transaction.operations.flatMap((operation) => {
        const element = appendedBy(operation)
        if (operation.kind !== 'write' || element === undefined) return []
        if (final.get(operation.key)?.includes(element) === true) return []
        return [
          {
            kind: 'lost-write',
            detail: `${nameOf(transaction)} appended ${element} to ${operation.key}, gone`,
          },
        ]
      }),
    )
}

function checkReads(
  transaction: HistoryTransaction,
  final: ReadonlyMap<string, List>,
  appends: ReadonlyMap<string, Append>,
): Anomaly[] {
  const anomalies: Anomaly[] = []
  const own = new Map<string, List>()
  const report = (kind: string, detail: string): void =>
    void anomalies.push({ kind, detail: `${nameOf(transaction)} ${detail}` })
  for (const operation of transaction.operations) {
    if (operation.kind === 'range') continue
    const { key } = operation
    const list = listOf(operation.value)
    if (operation.kind === 'write') {
      own.set(key, list)
      continue
    }
    const written = own.get(key)
    if (written !== undefined) {
      if (written.join() !== list.join())
        report('internal', `wrote ${written.join()} to ${key} and read ${list.join()}`)
      continue
    }
    for (const [at, element] of list.entries()) {
      const append = appends.get(idOf(key, element))
      if (append?.transaction.outcome === 'aborted') {
        report('G1a', `read ${element} of ${key} by ${nameOf(append.transaction)}, which failed`)
      } else if (append?.intermediate === true && at === list.length - 1) {
        report('G1b', `read ${element} of ${key}, which ${nameOf(append.transaction)} went on from`)
      }
    }
    const order = final.get(key) ?? []
    if (list.join() !== order.slice(0, list.length).join()) {
      report('incompatible-order', `read ${list.join()} of ${key}, whose versions are ${order.join()}`)
    }
  }
  return anomalies
}

function buildGraph(
  history: readonly HistoryTransaction[],
  final: ReadonlyMap<string, List>,
  appends: ReadonlyMap<string, Append>,
): DependencyGraph {
  const graph = new DependencyGraph()
  const writer = (key: string, element: string): number =>
    defined(appends.get(idOf(key, element)), 'the writer of an element').transaction.id
  const seen = new Set<number>()
  for (const [key, list] of final) {
    for (const [at, element] of list.entries()) {
      seen.add(writer(key, element))
      const next = list[at + 1]
      if (next !== undefined) graph.add(writer(key, element), writer(key, next), 'ww', key)
    }
  }
  const counted = history.filter(({ id, outcome }) => outcome === 'committed' || seen.has(id))
  for (const { id, operations } of counted) {
    const written = new Set<string>()
    for (const operation of operations) {
      if (operation.kind === 'write') written.add(operation.key)
      if (operation.kind !== 'read' || written.has(operation.key)) continue
      const { key } = operation
      const list = listOf(operation.value)
      const order = final.get(key) ?? []
      const last = list.at(-1)
      if (last !== undefined) graph.add(writer(key, last), id, 'wr', key)
      // The version that follows is of another transaction, also where this one appended next: then nothing is said.
      const next = order[list.length]
      if (next !== undefined) graph.add(id, writer(key, next), 'rw', key)
    }
  }
  addRealTime(graph, counted)
  return graph
}

/** Only what does not follow from other such dependencies. */
function addRealTime(graph: DependencyGraph, history: readonly HistoryTransaction[]): void {
  const acknowledged = history.filter(({ outcome }) => outcome === 'committed')
  for (const later of history) {
    const before = acknowledged.filter(({ endedAt }) => endedAt < later.begunAt)
    const lastBegun = Math.max(...before.map(({ begunAt }) => begunAt))
    for (const { id, endedAt } of before) if (endedAt > lastBegun) graph.add(id, later.id, 'rt')
  }
}

function checkCycles(graph: DependencyGraph, level: 'snapshot' | 'serializable'): Anomaly[] {
  const cycle =
    graph.findCycle(['ww']) ??
    graph.findCycle(['ww', 'wr']) ??
    graph.findSnapshotCycle() ??
    (level === 'serializable' ? graph.findCycle(['ww', 'wr', 'rw', 'rt']) : undefined)
  return cycle === undefined ? [] : [{ kind: classifyCycle(cycle), detail: describeCycle(cycle) }]
}
