import type { PhysicalPlan, SubqueryPlans } from '../../plan/physical-plan.js'
import type { Relation } from '../../relation/relation.js'
import { somePlan } from './each-plan.js'

/** Whether a plan, or one inside of its expressions, may read a relation. What WITH names may read anything. */
export function readsRelation(plan: PhysicalPlan, relation: Relation, subqueries: SubqueryPlans): boolean {
  return somePlan(
    plan,
    subqueries,
    (part) =>
      part.kind === 'common-scan' ||
      ((part.kind === 'table-scan' || part.kind === 'index-join') && part.relation.oid === relation.oid),
  )
}

/** The relations (`oid`) that a plan changes. */
export function changedRelations(plan: PhysicalPlan, subqueries: SubqueryPlans): ReadonlySet<number> {
  const changed = new Set<number>()
  somePlan(plan, subqueries, (part) => {
    if (part.kind === 'modify') changed.add(part.change.relation.oid)
    return false
  })
  return changed
}
