import type { JoinType, OutputColumn } from '../../logical-plan.js'

/** The columns of a join, from those of its inputs as they are built. */
export function joinedColumns(
  type: JoinType,
  left: readonly OutputColumn[],
  right: readonly OutputColumn[],
): readonly OutputColumn[] {
  return type === 'semi' || type === 'anti' ? left : [...left, ...right]
}
