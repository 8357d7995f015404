/**
 * Queries whose literals are taken for parameters, so that texts that differ in literals only share one plan: clients
 * that write values into their statements do not wait for a parser and an optimizer each time.
 *
 * Invariants:
 * 1. A shared plan is used for a text only if binding the text itself gave, for the same shape, the same plan with
 *    constants where the shared one has parameters (`isLiftedPlan`); whatever is not so is planned for itself.
 * 2. It is used only where knowing the values could not have helped much: a plan that costs more than the one for the
 *    values at hand, by more than planning costs, is not shared.
 * 3. A text that has an error is parsed and bound for itself, so that the error is its own.
 */
import { OrbitError } from '@orbit-ts/base'
import { compilePlan } from '../../../exec/compile-plan.js'
import { optimize } from '../../../plan/optimize/optimize.js'
import type { DataType } from '../../../scalar/data-type.js'
import type { Value } from '../../../scalar/value.js'
import { bindStatement } from '../bind/bind-statement.js'
import { OID } from '../bind/context/system-types.js'
import type { CatalogSnapshot } from '../catalog-snapshot.js'
import { isLiftedPlan } from '../lift/is-lifted-plan.js'
import { liftLiterals, type LiftedLiteral, type LiftedTree } from '../lift/lift-literals.js'
import { scanLiterals, type Literal, type LiteralKind, type ScannedText } from '../lift/scan-literals.js'
import { isParsed, parseStatement } from '../parse/parse-statements.js'
import type { StatementTree } from '../parse/tree.js'
import type { ParsedStatement } from '../session-contract.js'
import { PlanCache } from './plan-cache.js'
import { bindContext, literalKey, optimizerOptions, planKey, type QueryPlan } from './query-plan.js'
import type { SessionState } from './session-state.js'

/** A query that was recognized by its shape, and is parsed only if that is not enough. */
export class LiftedStatement implements ParsedStatement {
  readonly text: string
  readonly offset: number
  readonly scanned: ScannedText
  readonly #source: string

  constructor(source: string, scanned: ScannedText) {
    this.text = source.replace(/;\s*$/, '').trim()
    this.offset = source.length - source.trimStart().length
    this.scanned = scanned
    this.#source = source
  }

  get tree(): StatementTree {
    return parseStatement(this.#source)
  }
}

/** A plan that texts of one shape share. */
interface LiftedPlan {
  readonly plan: QueryPlan
  readonly lifted: readonly LiftedLiteral[]
}

/** What a query runs as, with values for the literals of its text. */
export interface LiftedQuery {
  readonly plan: QueryPlan
  readonly values: readonly Value[]
}

/** Planning for the values at hand costs about as much as reading so many rows of a table. */
const PLANNING_COST = 300
/** More than this share above the cost of a plan for the values at hand is too much. */
const COST_RATIO_MAX = 1.1

export class LiftedPlans {
  /** Shapes met before, with the positions of the literals that say what the statement is: see `liftLiterals`. */
  readonly #shapes: PlanCache<readonly number[]>
  /** By shape, such literals, and what a plan depends on. `unlike`: such texts are planned each for itself. */
  readonly #plans: PlanCache<LiftedPlan | 'unlike'>

  /** @param plansMax kept at a time; as many shapes are remembered */
  constructor(plansMax: number) {
    this.#shapes = new PlanCache(plansMax)
    this.#plans = new PlanCache(plansMax)
  }

  /** A statement whose shape was met before; undefined for all others, and for texts whose tree is at hand. */
  recognize(text: string): LiftedStatement | undefined {
    if (isParsed(text)) return undefined
    const scanned = scanLiterals(text)
    if (scanned === undefined) return undefined
    if (this.#shapes.get(scanned.shape) !== undefined) return new LiftedStatement(text, scanned)
    this.#shapes.set(scanned.shape, [])
    return undefined
  }

  /** Of a text that turned out to be no statement. */
  forget(text: string): void {
    const scanned = scanLiterals(text)
    if (scanned !== undefined) this.#shapes.delete(scanned.shape)
  }

  /** Undefined: the statement is to be planned for itself. */
  query(state: SessionState, statement: LiftedStatement, catalog: CatalogSnapshot): LiftedQuery | undefined {
    const key = `${planKey(state, catalog)}\n${literalKey(state)}`
    const known =
      this.#plans.get(this.#cacheKey(statement, key)) ?? this.#plan(state, statement, catalog, key)
    if (known === 'unlike') return undefined
    const values = valuesOf(state, known.plan.bound.parameters, known.lifted, statement.scanned.literals)
    return values && { plan: known.plan, values }
  }

  #plan(
    state: SessionState,
    statement: LiftedStatement,
    catalog: CatalogSnapshot,
    key: string,
  ): LiftedPlan | 'unlike' {
    const { scanned, tree } = statement
    const { tree: liftedTree, lifted } = liftLiterals(tree, scanned)
    const isLifted = new Set(lifted.map(({ position }) => position))
    const fixed = scanned.literals.flatMap((_, position) => (isLifted.has(position) ? [] : [position]))
    this.#shapes.set(scanned.shape, fixed)
    const plan = planLifted(state, statement, { tree: liftedTree, lifted }, catalog, key) ?? 'unlike'
    this.#plans.set(this.#cacheKey(statement, key), plan)
    return plan
  }

  #cacheKey({ scanned: { shape, literals } }: LiftedStatement, key: string): string {
    const fixed = this.#shapes.get(shape) ?? []
    return `${shape}\n${fixed.length === 0 ? '' : JSON.stringify(fixed.map((at) => literals[at]?.value))}\n${key}`
  }
}

function planLifted(
  state: SessionState,
  { scanned, tree }: LiftedStatement,
  { tree: liftedTree, lifted }: LiftedTree,
  catalog: CatalogSnapshot,
  key: string,
): LiftedPlan | undefined {
  const types = lifted.map(({ position }) => typeOf(state, scanned.literals[position]?.kind))
  const bound = unlessFailing(() => bindStatement(tree, bindContext(state, catalog, [])))
  const { result: shared, isMomentary } = state.scalar.watchingTime(
    () => bound && unlessFailing(() => bindStatement(liftedTree, bindContext(state, catalog, types))),
  )
  if (bound === undefined || shared === undefined || isMomentary) return undefined
  const values = valuesOf(state, shared.parameters, lifted, scanned.literals)
  if (values === undefined || !isLiftedPlan(bound.plan, shared.plan, values, state.scalar)) return undefined
  const options = optimizerOptions(state)
  const { totalCost } = optimize(bound.plan, options).root.estimate
  const executable = optimize(shared.plan, options)
  if (executable.root.estimate.totalCost > totalCost * COST_RATIO_MAX + PLANNING_COST) return undefined
  return { plan: { bound: shared, executable, compiled: compilePlan(executable), key }, lifted }
}

/** Undefined where a value is wrong for its type, or nobody can tell. */
function valuesOf(
  { scalar }: SessionState,
  types: readonly DataType[],
  lifted: readonly LiftedLiteral[],
  literals: readonly Literal[],
): readonly Value[] | undefined {
  return unlessFailing(() =>
    lifted.map(({ position, isNegative }, at) => {
      const literal = literals[position]
      const type = types[at]
      if (literal === undefined || type === undefined) return null
      if (literal.kind === 'integer') return isNegative ? 0 - Number(literal.value) : Number(literal.value)
      return type.scalar.parse(isNegative ? `-${literal.value}` : literal.value, -1, scalar)
    }),
  )
}

/** Undefined where `work` finds something wrong with the statement. */
function unlessFailing<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (error instanceof OrbitError) return undefined
    throw error
  }
}

/** As the binder types literals; a text has no type of its own. */
const LITERAL_TYPES: Readonly<Record<LiteralKind, number | undefined>> = {
  integer: OID.int4,
  long: OID.int8,
  number: OID.numeric,
  text: undefined,
}

function typeOf({ engine }: SessionState, kind: LiteralKind = 'text'): DataType | undefined {
  const oid = LITERAL_TYPES[kind]
  const scalar = oid === undefined ? undefined : engine.registry.typeByOid(oid)
  return scalar && { scalar, modifier: -1 }
}
