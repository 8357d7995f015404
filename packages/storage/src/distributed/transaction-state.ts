/**
 * Where a transaction across stores stands. `Preparing` and `Committing` are durable in the decision log; no record
 * there means `Aborted`, or `Committed` and applied everywhere.
 *
 * - `Active`: reads and writes; nothing of it is stored.
 * - `Preparing`: its stores are asked to make its writes durable, without showing them.
 * - `Prepared`: all have; it is not decided. It stays so when the log failed while it decided.
 * - `Committing`: decided to commit; not yet applied in every store.
 * - `Committed`: applied in every store.
 * - `Aborted`: it changed nothing.
 */
export type TransactionState = 'Active' | 'Preparing' | 'Prepared' | 'Committing' | 'Committed' | 'Aborted'

/** A point between two durable steps. What is named has happened. */
export type ProtocolStep =
  | { readonly step: 'recorded' | 'all-prepared' | 'decided' | 'forgotten' | 'abort-decided' }
  | { readonly step: 'prepared' | 'applied' | 'rolled-back'; readonly store: string }

/** Told at each step; the protocol goes on when its promise resolves. It must not throw. */
export type StepListener = (id: string, step: ProtocolStep) => void | Promise<void>
