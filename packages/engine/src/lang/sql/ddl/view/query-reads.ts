/** What a bound query depends on. */
import type { LogicalPlan } from '../../../../plan/logical-plan.js'
import type { Expression } from '../../../../plan/expression.js'
import { TableRelation } from '../../../../relation/table-relation.js'
import type { DataType } from '../../../../scalar/data-type.js'
import type { ViewValue } from '../../catalog/records.js'
import type { LoadedCatalog } from '../../catalog/snapshot.js'
import { objectOid } from '../../catalog/oids.js'
import type { Node } from '../../parse/tree.js'

/** @param tree of the query: views in it are named there, and no longer in the plan. */
export function readsOf(
  catalog: LoadedCatalog,
  plan: LogicalPlan,
  tree: Node,
  searchPath: readonly string[],
): Pick<ViewValue, 'reads' | 'types'> {
  const reads = new Map<number, Set<number>>()
  const types = new Set<number>()
  const note = (oid: number, columns: readonly number[]): void => {
    const known = reads.get(oid) ?? new Set()
    for (const column of columns) known.add(column)
    reads.set(oid, known)
  }
  const used = new Set(plan.columns.map(({ id }) => id))
  visit(plan, (part) => {
    if ('kind' in part && part.kind === 'column') used.add(part.column)
  })
  visit(plan, (part) => {
    if ('kind' in part && part.kind === 'scan' && part.relation instanceof TableRelation) {
      const { layout, oid } = part.relation
      const columns = part.ordinals.filter((_, at) => used.has(part.columns[at]?.id ?? -1))
      note(
        oid,
        columns.flatMap((ordinal) => layout.columns[ordinal]?.id ?? []),
      )
    }
    if ('type' in part && isTyped(part.type)) {
      noteType(part.type.scalar, types)
      if (part.type.domain !== undefined) noteType(part.type.domain, types)
    }
  })
  for (const name of relationsIn(tree)) {
    const found = catalog.findClass(name, searchPath)
    if (found?.kind === 'view')
      note(
        found.oid,
        found.columns.map((_, i) => i + 1),
      )
    else if (found?.kind === 'sequence') note(found.oid, [])
    else if (found !== undefined) note(found.relation.oid, [])
  }
  return {
    reads: [...reads].map(([oid, columns]) => ({ oid, columns: [...columns].sort((a, b) => a - b) })),
    types: [...types],
  }
}

function noteType(type: { readonly oid: number }, types: Set<number>): void {
  if (type.oid > objectOid(0)) types.add(type.oid)
}

function isTyped(type: unknown): type is DataType {
  return typeof type === 'object' && type !== null && 'scalar' in type
}

type Part = LogicalPlan | Expression | object

/** Every object of a plan once. Relations are not gone into. */
function visit(root: LogicalPlan, look: (part: Part) => void): void {
  const seen = new Set<object>()
  const stack: object[] = [root]
  for (let part = stack.pop(); part !== undefined; part = stack.pop()) {
    if (seen.has(part)) continue
    seen.add(part)
    look(part)
    for (const [key, value] of Object.entries(part)) {
      if (key === 'relation' || key === 'function' || key === 'type' || key === 'operator') continue
      if (typeof value === 'object' && value !== null) stack.push(value as object)
    }
  }
}

/** The names of relations in a query. Those of its own WITH are among them: they are found or not, like any other. */
function relationsIn(tree: unknown): { readonly schema?: string; readonly name: string }[] {
  if (Array.isArray(tree)) return tree.flatMap(relationsIn)
  if (typeof tree !== 'object' || tree === null) return []
  if ('RangeVar' in tree) {
    const { schemaname, relname = '' } = tree.RangeVar as { schemaname?: string; relname?: string }
    return [schemaname === undefined ? { name: relname } : { schema: schemaname, name: relname }]
  }
  return Object.values(tree).flatMap(relationsIn)
}
