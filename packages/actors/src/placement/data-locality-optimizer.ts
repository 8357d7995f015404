/**
 * Moves actors to the nodes where their data, their partners and free capacity are.
 *
 * A round looks at one span of time, and looks at each actor in turn with the moves that it has decided so far already
 * made. So two actors that want to be together do not swap places, and a free node does not draw everyone at once.
 *
 * Why it does not flap:
 * - A move has to be worth more than it costs, by a margin (`benefitMin`).
 * - The same move has to be the best one in several rounds on end (`confirmRounds`).
 * - An actor that was moved rests for some rounds (`restRounds`), twice as long after each further move, until it has
 *   not wanted to move for as long as it last rested.
 *
 * Invariants:
 * 1. A round makes at most `movesMax` moves, the most worthwhile of them.
 * 2. A dry run changes nothing: neither placements nor what the next round goes by.
 * 3. No move fills a node beyond `nodeLoadMax`, by the loads that were observed and the moves of the round.
 * 4. A move that fails leaves the actor where it was; it is looked at again in the next round.
 */
import { OrbitError } from '@orbit-ts/base'
import type { ActorAddress } from '@orbit-ts/storage'
import { nameOf, type ActorRegionMapper } from './actor-region-mapper.js'
import { MoveHistory } from './move-history.js'
import type { ActorActivity, PlacementObservation } from './placement-observation.js'
import { scorePlacement, type PlacementScore } from './placement-score.js'
import { PlannedPlacement } from './planned-placement.js'

export interface DataLocalityOptions {
  /** By how much the score has to rise more than the move costs, 0 to 1. Default 0.05. */
  readonly benefitMin?: number
  /** What any move costs, as score. Default 0.02. */
  readonly moveCost?: number
  /** State of this size makes a move cost 0.1 more, bytes. Default 16 MiB. */
  readonly costlySizeBytes?: number
  /** In how many rounds on end a move has to be the best. Default 2. */
  readonly confirmRounds?: number
  /** How many rounds an actor rests after its first move. Default 4. */
  readonly restRounds?: number
  /** No actor is moved to a node that would be busier with it than this, 0 to 1. Default 0.85. */
  readonly nodeLoadMax?: number
  /** In one round. Default 100. */
  readonly movesMax?: number
}

export type PlacementDecision =
  /** It is moved in this round. */
  | 'move'
  /** It is on the best node. */
  | 'best-place'
  /** A better node is not better by more than the move costs and the margin. */
  | 'not-worth-it'
  /** It has to be the best move for more rounds. */
  | 'not-confirmed'
  /** It was moved lately. */
  | 'resting'
  /** Others are more worthwhile, and a round makes only so many moves. */
  | 'over-budget'
  /** It runs nowhere: there are no nodes. */
  | 'no-node'

/** Everything that a decision about one actor rests on. */
export interface PlacementExplanation {
  readonly actor: ActorAddress
  readonly decision: PlacementDecision
  readonly from: string | undefined
  /** The best of the nodes that have room for it, or where it is. */
  readonly to: string | undefined
  /** By how much the score would rise. */
  readonly benefit: number
  readonly cost: number
  readonly scores: Readonly<Record<string, PlacementScore>>
}

export interface PlacementMove {
  readonly actor: ActorAddress
  readonly from: string
  readonly to: string
  readonly benefit: number
  readonly cost: number
}

export interface PlacementRound {
  readonly dryRun: boolean
  /** The moves of a dry run are those that would have been made. */
  readonly moves: readonly PlacementMove[]
  readonly failures: readonly { readonly move: PlacementMove; readonly error: OrbitError }[]
  /** The mean score of all actors where they are after the round: 0 to 1. */
  readonly localityScore: number
}

/** Counters since it was made, but for the last. */
export interface DataLocalityMetrics {
  readonly rounds: number
  readonly moves: number
  readonly failedMoves: number
  readonly decisions: Readonly<Record<PlacementDecision, number>>
  /** Of the last round. */
  readonly localityScore: number
}

/** Carries an actor over; resolves when it runs on its new node. */
export type ActorMover = (move: PlacementMove) => Promise<void>

const SIZE_COST = 0.1

export class DataLocalityOptimizer {
  readonly #mapper: ActorRegionMapper
  readonly #move: ActorMover
  readonly #options: Required<DataLocalityOptions>
  #history = new MoveHistory()
  #explanations = new Map<string, PlacementExplanation>()
  readonly #decisions: Record<PlacementDecision, number> = {
    move: 0,
    'best-place': 0,
    'not-worth-it': 0,
    'not-confirmed': 0,
    resting: 0,
    'over-budget': 0,
    'no-node': 0,
  }
  #rounds = 0
  #moves = 0
  #failedMoves = 0
  #localityScore = 0

  /**
   * @param move carries an actor over; the mapper is told by the optimizer. Default: only the mapper is told
   * @throws INVALID_ARGUMENT: an option out of range
   */
  constructor(
    mapper: ActorRegionMapper,
    move: ActorMover = () => Promise.resolve(),
    options: DataLocalityOptions = {},
  ) {
    this.#mapper = mapper
    this.#move = move
    this.#options = {
      benefitMin: atLeast('benefitMin', options.benefitMin ?? 0.05, 0, false),
      moveCost: atLeast('moveCost', options.moveCost ?? 0.02, 0, false),
      costlySizeBytes: atLeast('costlySizeBytes', options.costlySizeBytes ?? 16 * 1024 * 1024, 1, false),
      confirmRounds: atLeast('confirmRounds', options.confirmRounds ?? 2, 1, true),
      restRounds: atLeast('restRounds', options.restRounds ?? 4, 0, true),
      nodeLoadMax: atLeast('nodeLoadMax', options.nodeLoadMax ?? 0.85, 0, false),
      movesMax: atLeast('movesMax', options.movesMax ?? 100, 1, true),
    }
  }

  /** One round: looks at every actor, and moves those that it pays off for. */
  async optimizePlacement(
    observation: PlacementObservation,
    { dryRun = false }: { readonly dryRun?: boolean } = {},
  ): Promise<PlacementRound> {
    const history = dryRun ? this.#history.clone() : this.#history
    const planned = await PlannedPlacement.of(observation, this.#mapper)
    history.nextRound(observation.actors.map(({ actor }) => nameOf(actor)))
    const explanations = observation.actors.map((activity) => this.#decide(activity, planned, history))
    this.#keepToBudget(explanations, observation, planned)
    const moves = explanations.flatMap((explanation) => moveOf(explanation) ?? [])
    const failures = dryRun ? [] : await this.#carryOut(moves, history)
    this.#explanations = new Map(explanations.map((explanation) => [nameOf(explanation.actor), explanation]))
    const localityScore = await this.#meanScore(observation, dryRun ? planned : undefined)
    if (!dryRun) this.#count(explanations, localityScore)
    return { dryRun, moves, failures, localityScore }
  }

  /** What the last round, also a dry one, decided about an actor and why; undefined when it did not look at it. */
  explain(actor: ActorAddress): PlacementExplanation | undefined {
    return this.#explanations.get(nameOf(actor))
  }

  /** What it costs to move an actor, as score. */
  migrationCost({ stateSizeBytes }: Pick<ActorActivity, 'stateSizeBytes'>): number {
    return this.#options.moveCost + SIZE_COST * (stateSizeBytes / this.#options.costlySizeBytes)
  }

  metrics(): DataLocalityMetrics {
    return {
      rounds: this.#rounds,
      moves: this.#moves,
      failedMoves: this.#failedMoves,
      decisions: { ...this.#decisions },
      localityScore: this.#localityScore,
    }
  }

  #decide(activity: ActorActivity, planned: PlannedPlacement, history: MoveHistory): PlacementExplanation {
    const { actor } = activity
    const name = nameOf(actor)
    const from = planned.nodeOf(actor)
    const scores: Record<string, PlacementScore> = {}
    for (const node of planned.nodes) scores[node] = scorePlacement(activity, node, planned)
    const open = planned.nodes.filter((node) => node === from || this.#hasRoom(node, activity, planned))
    const to = bestOf(scores, open, from)
    const cost = this.migrationCost(activity)
    if (from === undefined || to === undefined)
      return { actor, decision: 'no-node', from, to, benefit: 0, cost, scores }
    const benefit = (scores[to]?.total ?? 0) - (scores[from]?.total ?? 0)
    const decision = this.#decisionOn(name, from, to, benefit - cost, history)
    if (decision === 'move') planned.move(activity, to)
    return { actor, decision, from, to, benefit, cost, scores }
  }

  #hasRoom(node: string, activity: ActorActivity, planned: PlannedPlacement): boolean {
    return planned.loadWithout(node, activity) + activity.load <= this.#options.nodeLoadMax
  }

  #decisionOn(name: string, from: string, to: string, gain: number, history: MoveHistory): PlacementDecision {
    const isWorthIt = to !== from && gain > this.#options.benefitMin
    const wantedRounds = history.want(name, isWorthIt ? to : undefined)
    if (to === from) return 'best-place'
    if (!isWorthIt) return 'not-worth-it'
    if (history.isResting(name)) return 'resting'
    return wantedRounds < this.#options.confirmRounds ? 'not-confirmed' : 'move'
  }

  /** The most worthwhile ones go first; what is over the budget is planned back. */
  #keepToBudget(
    explanations: PlacementExplanation[],
    { actors }: PlacementObservation,
    planned: PlannedPlacement,
  ): void {
    const gain = (at: number): number => (explanations[at]?.benefit ?? 0) - (explanations[at]?.cost ?? 0)
    const moving = explanations.flatMap(({ decision }, at) => (decision === 'move' ? [at] : []))
    moving.sort((a, b) => gain(b) - gain(a) || a - b)
    for (const at of moving.slice(this.#options.movesMax)) {
      const [explanation, activity] = [explanations[at], actors[at]]
      if (explanation?.from === undefined || activity === undefined) continue
      planned.move(activity, explanation.from)
      explanations[at] = { ...explanation, decision: 'over-budget' }
    }
  }

  async #carryOut(
    moves: readonly PlacementMove[],
    history: MoveHistory,
  ): Promise<{ readonly move: PlacementMove; readonly error: OrbitError }[]> {
    const failures: { readonly move: PlacementMove; readonly error: OrbitError }[] = []
    for (const move of moves) {
      try {
        await this.#move(move)
        this.#mapper.moveActor(move.actor, move.to)
        history.moved(nameOf(move.actor), this.#options.restRounds)
        this.#moves++
      } catch (error) {
        this.#failedMoves++
        failures.push({ move, error: OrbitError.from(error) })
      }
    }
    return failures
  }

  async #meanScore(
    observation: PlacementObservation,
    planned: PlannedPlacement | undefined,
  ): Promise<number> {
    const placement =
      planned ?? (await PlannedPlacement.of(observation, this.#mapper, this.#loadMoves(observation)))
    let total = 0
    for (const activity of observation.actors) {
      const node = placement.nodeOf(activity.actor)
      if (node !== undefined) total += scorePlacement(activity, node, placement).total
    }
    return observation.actors.length === 0 ? 1 : total / observation.actors.length
  }

  /** The moves since the observation, by which its loads have changed. */
  #loadMoves({
    actors,
  }: PlacementObservation): { readonly activity: ActorActivity; readonly from: string }[] {
    return actors.flatMap((activity) => {
      const explanation = this.#explanations.get(nameOf(activity.actor))
      const isMoved =
        explanation?.decision === 'move' && this.#mapper.nodeOf(activity.actor) === explanation.to
      return isMoved && explanation.from !== undefined ? [{ activity, from: explanation.from }] : []
    })
  }

  #count(explanations: readonly PlacementExplanation[], localityScore: number): void {
    this.#rounds++
    this.#localityScore = localityScore
    for (const { decision } of explanations) this.#decisions[decision]++
  }
}

/** The node where it is wins a tie, then the first by name: the same figures always give the same answer. */
function bestOf(
  scores: Readonly<Record<string, PlacementScore>>,
  nodes: readonly string[],
  from: string | undefined,
): string | undefined {
  let best = from
  for (const node of nodes) {
    if (best === undefined || (scores[node]?.total ?? 0) > (scores[best]?.total ?? 0)) best = node
  }
  return best
}

function moveOf({
  actor,
  decision,
  from,
  to,
  benefit,
  cost,
}: PlacementExplanation): PlacementMove | undefined {
  if (decision !== 'move' || from === undefined || to === undefined) return undefined
  return { actor, from, to, benefit, cost }
}

function atLeast(field: string, value: number, min: number, whole: boolean): number {
  if (value >= min && (!whole || Number.isInteger(value))) return value
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: ${value} is not a ${whole ? 'whole ' : ''}number of at least ${min}`,
    { field },
  )
}
