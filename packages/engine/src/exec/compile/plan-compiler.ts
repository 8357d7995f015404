import { defined } from '@orbit-ts/base'
import type { ColumnId, Expression } from '../../plan/expression.js'
import type { LogicalPlan } from '../../plan/logical-plan.js'
import type { ExecutablePlan, PhysicalPlan, SubqueryPlans } from '../../plan/physical-plan.js'
import { compileAnyExpression } from '../expression/async-expression.js'
import { compileExpression } from '../expression/compile-expression.js'
import type { AnyEvaluator, Evaluator } from '../expression/evaluator.js'
import { isAsync } from '../expression/is-async.js'
import { sizeOf, weighed } from '../expression/weighed.js'
import type { Scope } from '../expression/scope.js'
import type { Relation } from '../../relation/relation.js'
import { mainChange } from '../operators/modify/modify.js'
import type { Operator } from '../run.js'
import { compileOperator } from './compile-operator.js'
import type { Binding, Bound, CompiledSubquery, Compiler, Snapshot } from './compiler.js'
import { isRepeatable } from './is-repeatable.js'
import { changedRelations, readsRelation } from './reads-relation.js'
import { measured } from './measured.js'

/** Compiles one statement. Everything it hands out belongs to that statement. */
export class PlanCompiler implements Compiler {
  readonly #main: PhysicalPlan | undefined
  readonly #subqueries: SubqueryPlans
  readonly #compiledSubqueries = new Map<LogicalPlan, CompiledSubquery>()
  readonly #commonReferences = new Map<number, ReadonlySet<ColumnId>>()
  readonly #slots = new Map<ColumnId, number>()
  /** What the plan that is being compiled refers to outside of it. */
  #references = new Set<ColumnId>()
  /** Relations (`oid`) that are read as they were before the statement, and what has to be read for it. */
  #snapshotRelations: ReadonlySet<number> = new Set()
  #snapshots: Snapshot[] = []
  #cellCount = 0
  #freshColumn = 0

  constructor({ root, subqueries }: ExecutablePlan) {
    this.#main = mainChange(root)
    this.#subqueries = subqueries
  }

  operator(plan: PhysicalPlan): Operator {
    return measured(plan, compileOperator(plan, this))
  }

  evaluator(expression: Expression, scope: Scope): Evaluator {
    return weighed(compileExpression(expression, scope, this), sizeOf(expression))
  }

  anyEvaluator(expression: Expression, scope: Scope): AnyEvaluator {
    if (!isAsync(expression)) return this.evaluator(expression, scope)
    return compileAnyExpression(expression, scope, this)
  }

  slot(column: ColumnId): number {
    this.#references.add(column)
    return this.ownSlot(column)
  }

  ownSlot(column: ColumnId): number {
    let slot = this.#slots.get(column)
    if (slot === undefined) {
      slot = this.#slots.size
      this.#slots.set(column, slot)
    }
    return slot
  }

  binding<T>(columns: readonly ColumnId[], compile: () => T): Binding<T> {
    const { compiled, references } = this.#tracking(compile)
    const bound: Bound[] = []
    columns.forEach((column, position) => {
      if (references.delete(column)) bound.push({ position, slot: this.ownSlot(column) })
    })
    for (const column of references) this.#references.add(column)
    return { compiled, bound, isCorrelated: references.size > 0 }
  }

  readingSnapshots<T>(
    relations: ReadonlySet<number>,
    compile: () => T,
  ): { compiled: T; snapshots: readonly Snapshot[] } {
    const [outerRelations, outerSnapshots] = [this.#snapshotRelations, this.#snapshots]
    const snapshots: Snapshot[] = []
    this.#snapshotRelations = new Set([...outerRelations, ...relations])
    this.#snapshots = snapshots
    try {
      return { compiled: compile(), snapshots }
    } finally {
      this.#snapshotRelations = outerRelations
      this.#snapshots = outerSnapshots
    }
  }

  readsSnapshot(relation: Relation): boolean {
    return this.#snapshotRelations.has(relation.oid)
  }

  addSnapshot(snapshot: Snapshot): void {
    this.#snapshots.push(snapshot)
  }

  cell(): number {
    return this.#cellCount++
  }

  isMain(plan: PhysicalPlan): boolean {
    return plan === this.#main
  }

  reads(plan: PhysicalPlan, relation: Relation): boolean {
    return readsRelation(plan, relation, this.#subqueries)
  }

  isRepeatable(plan: PhysicalPlan): boolean {
    return isRepeatable(plan, this.#subqueries)
  }

  changedBy(plan: PhysicalPlan): ReadonlySet<number> {
    return changedRelations(plan, this.#subqueries)
  }

  freshColumn(): ColumnId {
    return --this.#freshColumn
  }

  defineCommon<T>(id: number, compile: () => T): T {
    const { compiled, references } = this.#tracking(compile)
    this.#commonReferences.set(id, references)
    for (const column of references) this.#references.add(column)
    return compiled
  }

  refersToCommon(id: number): void {
    for (const column of this.#commonReferences.get(id) ?? []) this.#references.add(column)
  }

  subquery(plan: LogicalPlan): CompiledSubquery {
    const known = this.#compiledSubqueries.get(plan)
    if (known !== undefined) return known
    const entry = defined(this.#subqueries.get(plan), 'the physical plan of a subquery')
    const { compiled, references } = this.#tracking(() => this.operator(entry.plan))
    const subquery = {
      operator: compiled,
      columns: entry.plan.columns,
      references,
      isRepeatable: isRepeatable(entry.plan, this.#subqueries),
    }
    this.#compiledSubqueries.set(plan, subquery)
    return subquery
  }

  #tracking<T>(compile: () => T): { compiled: T; references: Set<ColumnId> } {
    const outer = this.#references
    const references = new Set<ColumnId>()
    this.#references = references
    try {
      return { compiled: compile(), references }
    } finally {
      this.#references = outer
    }
  }
}
