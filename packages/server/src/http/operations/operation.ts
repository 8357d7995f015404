import type { DatabaseTransaction, ObjectKind } from '@orbit-ts/engine'
import type { Static, TObject, TSchema } from 'typebox'
import { ArgumentChecker } from './argument-checker.js'

/** How much an operation may return. */
export interface OperationLimits {
  /** Records without a limit in the arguments. */
  readonly pageSize: number
  /** The largest limit in the arguments. */
  readonly pageSizeMax: number
}

/**
 * Something that can be done with one object inside a transaction. The REST routes and `/v1/transactions` are both
 * made from the same operations.
 */
export interface Operation {
  readonly kind: ObjectKind
  readonly name: string
  /** One sentence. */
  readonly summary: string
  readonly args: TObject
  /** Null stands for a record that is not there. */
  readonly result: TSchema
  /**
   * Checks the arguments and runs with them.
   * @throws INVALID_ARGUMENT, and what the method of the session throws
   */
  run(tx: DatabaseTransaction, object: string, args: unknown, limits: OperationLimits): Promise<unknown>
}

export interface OperationSpec<Session, Args extends TObject> {
  readonly summary: string
  readonly args: Args
  readonly result: TSchema
  readonly run: (session: Session, args: Static<Args>, limits: OperationLimits) => Promise<unknown>
}

/** Gives operations of one kind: `const define = operationsOf('table', (tx, name) => tx.table(name))`. */
export function operationsOf<Session>(
  kind: ObjectKind,
  open: (tx: DatabaseTransaction, object: string) => Session,
): <Args extends TObject>(name: string, spec: OperationSpec<Session, Args>) => Operation {
  return (name, spec) => {
    const checker = new ArgumentChecker(spec.args)
    return {
      kind,
      name,
      summary: spec.summary,
      args: spec.args,
      result: spec.result,
      run: async (tx, object, args, limits) => spec.run(open(tx, object), checker.check(args), limits),
    }
  }
}
