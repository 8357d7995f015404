/** When a transaction has its deferrable constraints checked: as they were declared, unless it says otherwise. */
import type { ModelContext } from '../../model.js'
import type { TableLayout } from '../layout/table-layout.js'

interface Constraint {
  readonly name: string
  /** As it was declared: INITIALLY DEFERRED. */
  readonly deferred: boolean
  readonly deferrable?: true | undefined
}

interface Modes {
  all: boolean | undefined
  readonly named: Map<string, boolean>
}

const OF_CONTEXT = new WeakMap<ModelContext, Modes>()

/** @param constraint undefined: all that are deferrable */
export function setConstraintMode(
  context: ModelContext,
  constraint: { readonly table: string; readonly name: string } | undefined,
  isDeferred: boolean,
): void {
  const modes = OF_CONTEXT.get(context) ?? { all: undefined, named: new Map<string, boolean>() }
  OF_CONTEXT.set(context, modes)
  if (constraint === undefined) {
    modes.all = isDeferred
    modes.named.clear()
  } else modes.named.set(idOf(constraint.table, constraint.name), isDeferred)
}

/** True when a constraint is to be checked at the end of the transaction, as things are now. */
export function isDeferredNow(
  context: ModelContext,
  { name: table }: Pick<TableLayout, 'name'>,
  { name, deferred, deferrable }: Constraint,
): boolean {
  const modes = OF_CONTEXT.get(context)
  if (modes === undefined || (deferrable !== true && !deferred)) return deferred
  return modes.named.get(idOf(table, name)) ?? modes.all ?? deferred
}

const idOf = (table: string, name: string): string => JSON.stringify([table, name])
