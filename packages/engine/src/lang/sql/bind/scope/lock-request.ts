import type { LockPlan } from '../../../../plan/logical-plan.js'

type LockTarget = LockPlan['targets'][number]

/** One FOR UPDATE clause, or what of it concerns a subquery. */
export interface LockRequest {
  readonly strength: LockTarget['strength']
  readonly wait: LockTarget['wait']
  /** The entries of FROM it names; undefined: all. */
  readonly names: readonly { readonly name: string; readonly location: number }[] | undefined
}

/** How errors call it: `FOR UPDATE`. */
export function lockName({ strength }: Pick<LockRequest, 'strength'>): string {
  return `FOR ${strength.toUpperCase()}`
}

export type { LockTarget }
