import type { FactsValue } from '../catalog/records.js'
import type { DefinitionContext } from './definition-context.js'

/** Changes what is said of an object beside its definition. */
export async function putFacts(
  ddl: DefinitionContext,
  oid: number,
  change: (facts: FactsValue) => FactsValue,
): Promise<void> {
  const before = ddl.catalog.facts(oid) ?? {}
  const after = change(before)
  const name = String(oid)
  if (Object.keys(after).length > 0) await ddl.put('sql.facts', name, after, ddl.catalog.factsId(oid))
  else await deleteFacts(ddl, oid)
}

/** The object is gone, and all that was said of it. */
export async function deleteFacts(ddl: DefinitionContext, oid: number): Promise<void> {
  if (ddl.catalog.facts(oid) !== undefined) await ddl.delete({ kind: 'sql.facts', name: String(oid) })
}
