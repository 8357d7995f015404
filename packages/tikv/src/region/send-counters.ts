import type { Sample } from '@orbit-ts/base'
import type { ReplicaChoice } from './replica-selector.js'

/** Which replicas requests went to. Plain numbers, read when metrics are scraped: they are counted with every request. */
export class SendCounters {
  #leader = 0
  #follower = 0
  #replicaRead = 0
  #staleRead = 0
  #forwarded = 0

  count(choice: ReplicaChoice, isLeader: boolean): void {
    if (choice.proxy !== undefined) this.#forwarded += 1
    else if (choice.staleRead) this.#staleRead += 1
    else if (choice.replicaRead) this.#replicaRead += 1
    else if (isLeader) this.#leader += 1
    else this.#follower += 1
  }

  samples(): Sample<'kind'>[] {
    return [
      { value: this.#leader, labels: { kind: 'leader' } },
      { value: this.#follower, labels: { kind: 'follower' } },
      { value: this.#replicaRead, labels: { kind: 'replica-read' } },
      { value: this.#staleRead, labels: { kind: 'stale-read' } },
      { value: this.#forwarded, labels: { kind: 'forwarded' } },
    ]
  }
}
