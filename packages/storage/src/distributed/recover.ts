import { OrbitError } from '@orbit-ts/base'
import type { DecisionRecord } from './distributed-records.js'
import type { OutcomeResolver } from './outcome-resolver.js'
import type { Participant } from './participant.js'

/** What one look for unfinished transactions found and did. */
export interface RecoveryReport {
  /** Committed transactions that are now applied everywhere. */
  readonly committed: number
  /** Undecided transactions that were aborted. */
  readonly aborted: number
  /** Ids of those that others have under way, or that wait for a store. */
  readonly left: readonly string[]
  /** Why, by the name of the store that could not be reached or is not among the coordinator's. */
  readonly unreachable: Readonly<Record<string, string>>
}

export interface RecoveryContext {
  readonly resolver: OutcomeResolver
  readonly participants: ReadonlyMap<string, Participant>
  /** True for transactions that this process is still running. */
  readonly isLive: (id: string) => boolean
}

/** First what the log has decided, then what it does not know any more. */
export async function recover(context: RecoveryContext): Promise<RecoveryReport> {
  const run = new Recovery(context)
  await run.finishRecords()
  await run.finishPrepared()
  return run.report()
}

class Recovery {
  readonly #context: RecoveryContext
  readonly #left = new Set<string>()
  readonly #unreachable = new Map<string, string>()
  #committed = 0
  #aborted = 0

  constructor(context: RecoveryContext) {
    this.#context = context
  }

  report(): RecoveryReport {
    return {
      committed: this.#committed,
      aborted: this.#aborted,
      left: [...this.#left].sort(),
      unreachable: Object.fromEntries(this.#unreachable),
    }
  }

  async finishRecords(): Promise<void> {
    const { resolver, isLive } = this.#context
    const records = await resolver.log.list()
    resolver.keepOnly(new Set(records.map(({ id }) => id)))
    for (const record of records) {
      if (isLive(record.id)) continue
      if (record.state === 'Committing') await this.#apply(record)
      else await this.#abort(record)
    }
  }

  async finishPrepared(): Promise<void> {
    for (const participant of this.#context.participants.values()) {
      await this.#reach(participant.name, async () => {
        const records = (await inFlight(participant)).filter(({ id }) => !this.#context.isLive(id))
        if (records.length === 0) return
        const { pending, unknown } = await this.#context.resolver.settle(participant, records)
        for (const { id } of pending) this.#left.add(id)
        for (const { record, reason } of unknown) {
          this.#left.add(record.id)
          this.#unreachable.set(participant.name, reason.reason)
        }
      })
    }
  }

  async #apply({ id, participants }: DecisionRecord): Promise<void> {
    let everywhere = true
    for (const name of participants) {
      const participant = this.#context.participants.get(name)
      if (participant === undefined) this.#unreachable.set(name, 'it is no store of this coordinator')
      const applied =
        participant !== undefined &&
        (await this.#reach(name, async () => void (await participant.finish(id, 'committed'))))
      everywhere &&= applied
    }
    if (everywhere) {
      await this.#context.resolver.log.forget(id)
      this.#committed++
    } else {
      this.#left.add(id)
    }
  }

  /** When nobody else can have the log open, the process that ran it is gone. */
  async #abort(record: DecisionRecord): Promise<void> {
    const { resolver } = this.#context
    const { id } = record
    const outcome = resolver.log.isExclusive
      ? await resolver.log.abort(id)
      : await resolver.outcomeOf(id, record)
    if (outcome === 'aborted') this.#aborted++
    else this.#left.add(id)
  }

  async #reach(name: string, work: () => Promise<void>): Promise<boolean> {
    try {
      await work()
      return true
    } catch (error) {
      this.#unreachable.set(name, OrbitError.from(error).message)
      return false
    }
  }
}

async function inFlight(participant: Participant): ReturnType<Participant['inFlight']> {
  await using tx = await participant.provider.begin()
  return await participant.inFlight(tx)
}
