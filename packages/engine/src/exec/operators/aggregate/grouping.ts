import type { Aggregate } from '../../../plan/physical-plan.js'
import type { Row, Value } from '../../../scalar/value.js'

/** One grouping set: which groups are in it, and what its output rows have in the place of the others. */
export interface GroupingSet {
  /** Indexes into the plan's groups. */
  readonly members: readonly number[]
  /** The row that a group puts out. */
  output(groups: readonly Value[], results: readonly Value[]): Row
}

export function groupingSets(plan: Aggregate): GroupingSet[] {
  const count = plan.groups.length
  const all = plan.groups.map((_group, index) => index)
  return (plan.groupingSets ?? [all]).map((listed) => {
    const members = [...new Set(listed)]
    const groupings = (plan.groupings ?? []).map((call) => groupingBits(call, members))
    const isWhole = members.length === count && members.every((member, at) => member === at)
    return {
      members,
      output: (groups, results) => [
        ...(isWhole ? groups : spread(groups, members, count)),
        ...results,
        ...groupings,
      ],
    }
  })
}

function spread(groups: readonly Value[], members: readonly number[], count: number): Value[] {
  const values = new Array<Value>(count).fill(null)
  members.forEach((member, at) => (values[member] = groups[at] ?? null))
  return values
}

/** One bit for each argument, the last one lowest: set when the argument is not grouped by. */
function groupingBits(call: readonly number[], members: readonly number[]): number {
  return call.reduce((bits, group) => bits * 2 + (members.includes(group) ? 0 : 1), 0)
}
