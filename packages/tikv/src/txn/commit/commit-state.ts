import type { Timestamp } from '../../timestamp.js'

/** How far one commit has come; the phases share and change it. */
export interface CommitState {
  asyncCommit: boolean
  onePc: boolean
  /** The least timestamp at which the transaction may commit, as far as is known. 0n: not known. */
  minCommitTs: Timestamp
  /** Of async commit and 1PC: a server refuses to decide on a larger one. 0n: no limit. */
  maxCommitTs: Timestamp
  /** 0n unless the transaction was committed in one phase. */
  onePcCommitTs: Timestamp
  /** A server may have committed it in one phase without our hearing of it: then it did so at a timestamp of its own. */
  onePcAnswerLost: boolean
  /** The newest timestamp at which the commit itself took pessimistic locks. 0n: it took none. */
  lateLocksTs: Timestamp
  /** A server was asked to lock something. */
  prewriteStarted: boolean
  /** The commit may have taken effect although it failed. */
  undetermined: boolean
}

export function newCommitState(): CommitState {
  return {
    asyncCommit: false,
    onePc: false,
    minCommitTs: 0n,
    maxCommitTs: 0n,
    onePcCommitTs: 0n,
    onePcAnswerLost: false,
    lateLocksTs: 0n,
    prewriteStarted: false,
    undetermined: false,
  }
}
