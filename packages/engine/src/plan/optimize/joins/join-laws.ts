import type { JoinType } from '../../logical-plan.js'
import type { LeafSet } from './leaf-set.js'

/** A join as the laws see it. */
export interface JoinLaw {
  readonly type: JoinType
  readonly left: LeafSet
  readonly right: LeafSet
  /** Leaves of which its condition is not true when their columns are null. */
  readonly rejected: LeafSet
}

/**
 * Which two joins may change places. With `a` between e1 and e2 and `b` the other:
 * - `assoc`: (e1 a e2) b e3 = e1 a (e2 b e3)
 * - `leftAsscom`: (e1 a e2) b e3 = (e1 b e3) a e2
 * - `rightAsscom`: e1 a (e2 b e3) = e2 b (e1 a e3)
 */
export const canExchange = {
  assoc(a: JoinLaw, b: JoinLaw): boolean {
    if (a.type === 'inner') return b.type !== 'full'
    if (b.type !== 'left' && !(b.type === 'full' && a.type === 'full')) return false
    const middle = (b.left & a.right) === 0n ? a.right : b.left & a.right
    if (a.type === 'left') return (b.rejected & middle) !== 0n
    if (a.type !== 'full') return false
    return (b.rejected & middle) !== 0n && (b.type === 'left' || (a.rejected & middle) !== 0n)
  },

  leftAsscom(a: JoinLaw, b: JoinLaw): boolean {
    if (a.type === 'full') {
      if (b.type === 'left') return rejectsLeft(b, a)
      return b.type === 'full' && rejectsLeft(a, a) && rejectsLeft(b, a)
    }
    if (b.type !== 'full') return true
    return a.type === 'left' && rejectsLeft(a, a)
  },

  rightAsscom(a: JoinLaw, b: JoinLaw): boolean {
    return a.type === 'inner' && b.type === 'inner'
  },
}

/** Whether the condition of `a` rejects nulls of the left side of `of`. */
function rejectsLeft(a: JoinLaw, of: JoinLaw): boolean {
  return (a.rejected & of.left) !== 0n
}
