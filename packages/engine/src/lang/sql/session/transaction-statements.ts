import { unsupported, queryError } from '../../../scalar/condition.js'
import { stringOf, type DefElem, type Node, type TransactionStmt } from '../parse/tree.js'
import type { TransactionModes } from './session-transaction.js'
import { notice, type SessionState } from './session-state.js'

/** BEGIN, COMMIT, ROLLBACK, SAVEPOINT and their kin. Gives the command tag. */
export async function runTransactionStatement(
  state: SessionState,
  statement: TransactionStmt,
): Promise<string> {
  const { transaction } = state
  const name = statement.savepoint_name ?? ''
  switch (statement.kind) {
    case 'TRANS_STMT_BEGIN':
    case 'TRANS_STMT_START':
      transaction.requireUsable()
      if (!transaction.beginBlock(transactionModes(statement.options)))
        notice(state, 'WARNING', 'there is already a transaction in progress', '25001')
      return statement.kind === 'TRANS_STMT_BEGIN' ? 'BEGIN' : 'START TRANSACTION'
    case 'TRANS_STMT_COMMIT':
      return end(state, statement, true)
    case 'TRANS_STMT_ROLLBACK':
      return end(state, statement, false)
    case 'TRANS_STMT_SAVEPOINT':
      requireBlock(state, 'SAVEPOINT')
      transaction.requireUsable()
      await transaction.savepoint(name)
      return 'SAVEPOINT'
    case 'TRANS_STMT_RELEASE':
      requireBlock(state, 'RELEASE SAVEPOINT')
      transaction.requireUsable()
      transaction.release(name)
      return 'RELEASE'
    case 'TRANS_STMT_ROLLBACK_TO':
      requireBlock(state, 'ROLLBACK TO SAVEPOINT')
      await transaction.rollbackTo(name)
      return 'ROLLBACK'
    default:
      throw unsupported('PREPARE TRANSACTION')
  }
}

/** `ISOLATION LEVEL …`, `READ ONLY`, `DEFERRABLE`. */
export function transactionModes(options: readonly Node[] | undefined): TransactionModes {
  const modes: { isolation?: string; readOnly?: boolean; deferrable?: boolean } = {}
  for (const option of options ?? []) {
    if (!('DefElem' in option)) continue
    const { defname } = option.DefElem
    if (defname === 'transaction_isolation') modes.isolation = constantText(option.DefElem).toLowerCase()
    if (defname === 'transaction_read_only') modes.readOnly = constantText(option.DefElem) !== '0'
    if (defname === 'transaction_deferrable') modes.deferrable = constantText(option.DefElem) !== '0'
  }
  return modes
}

function constantText({ arg }: DefElem): string {
  if (arg === undefined) return ''
  if ('A_Const' in arg) {
    const { sval, ival } = arg.A_Const
    return sval?.sval ?? String(ival?.ival ?? 0)
  }
  if ('Integer' in arg) return String(arg.Integer.ival ?? 0)
  return stringOf(arg) ?? ''
}

async function end(state: SessionState, { chain }: TransactionStmt, isCommit: boolean): Promise<string> {
  const { transaction, settings } = state
  const isBlock = transaction.isBlock
  if (!isBlock) {
    if (chain === true) {
      const word = isCommit ? 'COMMIT' : 'ROLLBACK'
      throw queryError(
        'no_active_sql_transaction',
        `${word} AND CHAIN can only be used in transaction blocks`,
      )
    }
    notice(state, 'WARNING', 'there is no transaction in progress', '25P01')
  }
  const modes: TransactionModes = {
    isolation: settings.get('transaction_isolation'),
    readOnly: settings.get('transaction_read_only') === 'on',
    deferrable: settings.get('transaction_deferrable') === 'on',
  }
  const isCommitted = isCommit ? await commit(state) : await transaction.rollback().then(() => false)
  if (!isCommitted) await closeCursors(state, () => true)
  if (chain === true) transaction.beginBlock(modes)
  return isCommitted ? 'COMMIT' : 'ROLLBACK'
}

/** Cursors that are to outlive the transaction are read to their end before it commits. */
async function commit(state: SessionState): Promise<boolean> {
  if (!state.transaction.isFailed) {
    for (const cursor of state.cursors.values()) if (cursor.isHoldable) await cursor.hold()
  }
  const isCommitted = await state.transaction.commit()
  await closeCursors(state, (isHoldable) => !isHoldable)
  return isCommitted
}

/** @param isGone whether a cursor goes, by whether it is holdable. */
export async function closeCursors(
  state: Pick<SessionState, 'cursors'>,
  isGone: (isHoldable: boolean) => boolean,
): Promise<void> {
  for (const [name, cursor] of state.cursors) {
    if (!isGone(cursor.isHoldable)) continue
    state.cursors.delete(name)
    await cursor.close()
  }
}

function requireBlock({ transaction }: SessionState, what: string): void {
  if (transaction.isBlock) return
  throw queryError('no_active_sql_transaction', `${what} can only be used in transaction blocks`)
}
