import type { JoinType } from '../../logical-plan.js'

/** A join as the laws see it; sets of leaves as bits. */
export interface JoinLaw {
  readonly type: JoinType
  readonly left: number
  readonly right: number
  /** Leaves of which its condition is not true when their columns are null. */
  readonly rejected: number
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
    const middle = (b.left & a.right) === 0 ? a.right : b.left & a.right
    if (a.type === 'left') return (b.rejected & middle) !== 0
    if (a.type !== 'full') return false
    return (b.rejected & middle) !== 0 && (b.type === 'left' || (a.rejected & middle) !== 0)
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
  return (a.rejected & of.left) !== 0
}
