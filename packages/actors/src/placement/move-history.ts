/**
 * What is remembered of actors between rounds: where they want to go since when, and how long they rest.
 *
 * Invariant: of actors that a round does not look at nothing is kept.
 */
interface Memory {
  /** The node it wants to go to, and in how many rounds on end it did. */
  readonly wanted: string | undefined
  readonly wantedRounds: number
  /** Rounds left to rest. */
  readonly restRounds: number
  /** How long it rested last, and in how many rounds since it was content. */
  readonly lastRestRounds: number
  readonly contentRounds: number
}

const NOTHING: Memory = {
  wanted: undefined,
  wantedRounds: 0,
  restRounds: 0,
  lastRestRounds: 0,
  contentRounds: 0,
}

export class MoveHistory {
  #memories = new Map<string, Memory>()

  clone(): MoveHistory {
    const copy = new MoveHistory()
    copy.#memories = new Map(this.#memories)
    return copy
  }

  nextRound(actors: readonly string[]): void {
    const kept = new Map<string, Memory>()
    for (const actor of actors) {
      const memory = this.#memories.get(actor)
      if (memory !== undefined) kept.set(actor, { ...memory, restRounds: Math.max(0, memory.restRounds - 1) })
    }
    this.#memories = kept
  }

  /** In how many rounds on end, this one included, the actor has wanted to go there. */
  want(actor: string, node: string | undefined): number {
    const memory = this.#memories.get(actor) ?? NOTHING
    const wantedRounds = node === undefined ? 0 : memory.wanted === node ? memory.wantedRounds + 1 : 1
    const contentRounds = node === undefined ? memory.contentRounds + 1 : 0
    const isForgiven = contentRounds > memory.lastRestRounds
    if (isForgiven && node === undefined) this.#memories.delete(actor)
    else this.#memories.set(actor, { ...memory, wanted: node, wantedRounds, contentRounds })
    return wantedRounds
  }

  isResting(actor: string): boolean {
    return (this.#memories.get(actor)?.restRounds ?? 0) > 0
  }

  /** From now on it rests; after each move twice as long as after the one before. */
  moved(actor: string, firstRestRounds: number): void {
    const memory = this.#memories.get(actor) ?? NOTHING
    const restRounds = memory.lastRestRounds === 0 ? firstRestRounds : memory.lastRestRounds * 2
    this.#memories.set(actor, { ...NOTHING, restRounds, lastRestRounds: restRounds })
  }
}
