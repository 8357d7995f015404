import { defined } from '@orbit-ts/base'
import type { Assignment, MergeAction, MergePlan } from '../../../plan/logical-plan.js'
import type { PhysicalPlan } from '../../../plan/physical-plan.js'
import type { RelationWrite, RelationWriter, RowId } from '../../../relation/relation.js'
import { queryError } from '../../../scalar/condition.js'
import type { Row } from '../../../scalar/value.js'
import type { Compiler } from '../../compile/compiler.js'
import { evaluateAll } from '../../expression/evaluate-all.js'
import type { AnyEvaluator } from '../../expression/evaluator.js'
import { scopeOf } from '../../expression/scope.js'
import type { Operator, Run } from '../../run.js'
import { compileAssignments, type Assigned } from './assignments.js'
import { lockRows } from './lock-rows.js'
import type { Applied, Change } from './modify.js'

interface Action {
  readonly isMatched: boolean
  readonly condition: AnyEvaluator | undefined
  readonly kind: MergeAction['action']['kind']
  readonly assigned: Assigned
  readonly values: readonly AnyEvaluator[]
}

/** What is to be done with a row of the input. */
interface Task {
  readonly action: Action
  readonly id: RowId
  /** The new values, in the order of the action's assignments. */
  readonly values: Row
}

export function compileMerge(plan: MergePlan, input: PhysicalPlan, compiler: Compiler): Change {
  const scope = scopeOf(input.columns)
  const actions = plan.actions.map((action): Action => {
    const assigned = compileAssignments(plan.relation, assignmentsOf(action))
    return {
      isMatched: action.isMatched,
      condition: action.condition && compiler.anyEvaluator(action.condition, scope),
      kind: action.action.kind,
      assigned,
      values: assigned.expressions.map((expression) => compiler.anyEvaluator(expression, scope)),
    }
  })
  const operator = compiler.operator(input)
  const idPosition = defined(scope.positions.get(plan.rowId), 'the identity of the rows to change')
  return {
    input: operator,
    inputTypes: input.columns.map((column) => column.type),
    readsFirst: true,
    begin: (run, write, writer) => {
      const work = new MergeWork(plan, actions, idPosition, operator, run, write, writer)
      return { apply: (rows) => work.apply(rows) }
    },
  }
}

function assignmentsOf({ action }: MergeAction): readonly Assignment[] {
  return action.kind === 'update' || action.kind === 'insert' ? action.assignments : []
}

class MergeWork {
  readonly #plan: MergePlan
  readonly #actions: readonly Action[]
  readonly #idPosition: number
  readonly #input: Operator
  readonly #run: Run
  readonly #write: RelationWrite
  readonly #writer: RelationWriter
  /** The rows that this statement has changed. */
  readonly #touched = new Set<string | number | bigint>()

  constructor(
    plan: MergePlan,
    actions: readonly Action[],
    idPosition: number,
    input: Operator,
    run: Run,
    write: RelationWrite,
    writer: RelationWriter,
  ) {
    this.#plan = plan
    this.#actions = actions
    this.#idPosition = idPosition
    this.#input = input
    this.#run = run
    this.#write = write
    this.#writer = writer
  }

  async apply(rows: readonly Row[]): Promise<Applied> {
    const tasks: Task[] = []
    for (const row of await this.#lockMatched(rows)) {
      const task = await this.#taskOf(row)
      if (task === undefined) continue
      if (task.action.isMatched) this.#touch(task.id)
      tasks.push(task)
    }
    let changed = 0
    for (const group of sameAction(tasks)) changed += await this.#change(group)
    return { changed, returned: [] }
  }

  /** Rows of the target are locked before it is decided what is done with them. */
  async #lockMatched(rows: readonly Row[]): Promise<Row[]> {
    const matched = rows.filter((row) => row[this.#idPosition] !== null)
    const locked = await lockRows(
      { rows: matched, rowId: this.#plan.rowId, idPosition: this.#idPosition, input: this.#input },
      { run: this.#run, write: this.#write, writer: this.#writer },
    )
    if (locked.length < matched.length) {
      throw queryError('serialization_failure', 'could not serialize access due to concurrent update')
    }
    let next = 0
    return rows.map((row) => (row[this.#idPosition] === null ? row : defined(locked[next++], 'a locked row')))
  }

  async #taskOf(row: Row): Promise<Task | undefined> {
    const id = row[this.#idPosition] ?? null
    for (const action of this.#actions) {
      if (action.isMatched !== (id !== null)) continue
      if (action.condition !== undefined && (await action.condition(row, this.#run)) !== true) continue
      if (action.kind === 'nothing') return undefined
      return { action, id, values: await evaluateAll(action.values, row, this.#run) }
    }
    return undefined
  }

  #touch(id: RowId): void {
    const key = this.#writer.idKey(id)
    if (this.#touched.has(key)) {
      throw queryError('cardinality_violation', 'MERGE command cannot affect row a second time', {
        hint: 'Ensure that not more than one source row matches any one target row.',
      })
    }
    this.#touched.add(key)
  }

  async #change(tasks: readonly Task[]): Promise<number> {
    const { action } = defined(tasks[0], 'a task')
    const ids = tasks.map((task) => task.id)
    const computed = tasks.map((task) => task.values)
    switch (action.kind) {
      case 'delete':
        return (await this.#write.delete(ids)).length
      case 'update': {
        const values = await action.assigned.values(computed, 0, this.#write)
        return (await this.#write.update(ids.map((id, at) => ({ id, values: values[at] ?? [] })))).length
      }
      case 'insert':
        // What is left undefined gets its default, as DEFAULT does.
        return (await this.#write.insert(action.assigned.newRows(computed))).length
      case 'nothing':
        return 0
    }
  }
}

/** Neighbours with the same action together, in order. */
function sameAction(tasks: readonly Task[]): Task[][] {
  const groups: Task[][] = []
  for (const task of tasks) {
    const last = groups.at(-1)
    if (last?.[0]?.action === task.action) last.push(task)
    else groups.push([task])
  }
  return groups
}
