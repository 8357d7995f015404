/** Statistics of what other models hold. They are kept with their object, of a graph those of its nodes and edges apart. */
import { defined } from '@orbit-ts/base'
import type { Relation } from '../../../../relation/relation.js'
import { queryError } from '../../../../scalar/condition.js'
import { modelClasses } from '../../catalog/model-classes.js'
import { objectOid, rowTypeOid } from '../../catalog/oids.js'
import type {
  StoredColumnStatistics,
  StoredGraphStatistics,
  StoredStatistics,
} from '../../catalog/table-statistics.js'
import { stringsOf, type VacuumRelation, type VacuumStmt } from '../../parse/tree.js'
import type { DefinitionContext } from '../definition-context.js'
import { findRelation, givenName } from '../target-names.js'
import { columnStatistics, sampleOf, vacuum } from './analyze.js'

/** ANALYZE and VACUUM, of tables and of what other models hold. */
export async function vacuumAll(ddl: DefinitionContext, statement: VacuumStmt): Promise<string> {
  const given = (statement.rels ?? []).flatMap((node) =>
    'VacuumRelation' in node ? [node.VacuumRelation] : [],
  )
  const isAnalyze =
    statement.is_vacuumcmd !== true ||
    (statement.options ?? []).some((node) => 'DefElem' in node && node.DefElem.defname === 'analyze')
  const models = given.length === 0 ? allModels(ddl) : given.flatMap((each) => givenModel(ddl, each) ?? [])
  const tag = await vacuum(ddl, statement)
  if (isAnalyze) for (const relation of models) await analyzeModel(ddl, relation)
  return tag
}

/** They belong to the superuser. */
function allModels(ddl: DefinitionContext): Relation[] {
  if (!ddl.isSuperuser) return []
  return modelClasses(ddl.catalog).flatMap(({ make }) => {
    const found = make()
    return found.kind === 'relation' ? [found.relation] : []
  })
}

/** @throws undefined_column */
function givenModel(
  ddl: DefinitionContext,
  { relation: range, va_cols: names }: VacuumRelation,
): Relation | undefined {
  const given = givenName(range ?? {})
  const known = findRelation(ddl, given)
  if (known?.kind !== 'other' || known.found.kind !== 'relation') return undefined
  const { relation } = known.found
  if (relation.kind === 'table' || relation.kind === 'catalog') return undefined
  for (const name of stringsOf(names)) {
    if (relation.columns.every((column) => column.name !== name))
      throw queryError('undefined_column', `column "${name}" of relation "${given.name}" does not exist`)
  }
  if (ddl.isSuperuser) return relation
  ddl.warning(`skipping "${given.name}" --- only table or database owner can analyze it`)
  return undefined
}

async function analyzeModel(ddl: DefinitionContext, relation: Relation): Promise<void> {
  const { oid, kind } = relation
  const object = ddl.catalog.objects.find(({ id }) => objectOid(id) === oid || rowTypeOid(id) === oid)
  if (object === undefined) return
  const found = await statisticsOf(ddl, relation)
  const known = ddl.catalog.statistics.get(object.id) as StoredGraphStatistics | undefined
  const statistics =
    kind === 'nodes' || kind === 'edges'
      ? ({ ...known, [kind]: found } satisfies StoredGraphStatistics)
      : found
  await ddl.context.catalog.putStatistics(ddl.context, object.id, statistics)
  await ddl.reload()
}

/** Whole documents and vectors: conditions are seldom on them, and a sample might not fit into memory. */
function isLarge({ columns }: Relation, ordinal: number): boolean {
  const name = columns[ordinal]?.type.scalar.name
  return name === 'jsonb' || name === 'vector'
}

async function statisticsOf(ddl: DefinitionContext, relation: Relation): Promise<StoredStatistics> {
  const ordinals = [...relation.columns.keys()].filter((ordinal) => !isLarge(relation, ordinal))
  const { rowCount, sample } = await sampleOf(ddl, relation, ordinals)
  const columns: Record<string, StoredColumnStatistics> = {}
  ordinals.forEach((ordinal, at) => {
    const { name, type } = defined(relation.columns[ordinal], 'the column')
    columns[name] = columnStatistics(
      sample.map((row) => row[at] ?? null),
      type,
      rowCount,
    )
  })
  return { rowCount, columns }
}
