/** Operators over one relation. */
import { quoteIdentifier } from '../../scalar/functions/text/quote-identifier.js'
import { indexNamed } from '../../relation/relation.js'
import { conjunctsOf } from '../expressions/conditions.js'
import type { Modify, TableScan } from '../physical-plan.js'
import { accessText } from './access-text.js'
import type { Property } from './explain-node.js'
import type { PlanWriter } from './plan-writer.js'
import { capitalized, fact, notPushed, type Explaining, type Shape } from './shape.js'

export function scanShape(explainer: Explaining, plan: TableScan): Shape {
  const { writer } = explainer
  const { relation, alias, access, parts, isReverse } = plan
  const target = targetOf(writer, relation, alias)
  const filters = conjunctsOf(plan.residual)
  const filter = [
    ...writer.condition('Filter', filters),
    ...(filters.length > 0 ? writer.removed('Filter', plan) : []),
    ...(parts === undefined ? [] : [{ label: 'Regions', value: parts, isEstimate: true } as const]),
    ...notPushed(plan),
  ]
  if (access.kind === 'all') {
    return {
      title: `Seq Scan on ${target.title}`,
      facts: [fact('Node Type', 'Seq Scan'), ...target.facts],
      properties: filter,
    }
  }
  const index = indexNamed(relation, access.index)
  const indexName = index?.shownAs ?? access.index
  const isOnly = access.kind === 'ranges' && access.indexOnly && index?.isPrimary !== true
  const type = isOnly ? 'Index Only Scan' : 'Index Scan'
  return {
    title: `${type}${isReverse ? ' Backward' : ''} using ${quoteIdentifier(indexName)} on ${target.title}`,
    facts: [
      fact('Node Type', type),
      fact('Scan Direction', isReverse ? 'Backward' : 'Forward'),
      fact('Index Name', indexName),
      ...target.facts,
    ],
    properties: [
      ...writer.condition(
        'Index Cond',
        accessText.conditions(plan, (expression) => writer.write(expression)),
      ),
      ...filter,
    ],
  }
}

export function targetOf(
  writer: PlanWriter,
  relation: TableScan['relation'],
  alias: string,
): { title: string; facts: Property[] } {
  const { isVerbose } = writer
  const name = quoteIdentifier(relation.name)
  const qualified = isVerbose ? `${quoteIdentifier(relation.schema)}.${name}` : name
  return {
    title: alias === relation.name ? qualified : `${qualified} ${quoteIdentifier(alias)}`,
    facts: [
      fact('Relation Name', relation.name),
      ...(isVerbose ? [fact('Schema', relation.schema)] : []),
      fact('Alias', alias),
    ],
  }
}

export function valuesShape(rowCount: number): Shape {
  if (rowCount > 1) {
    return {
      title: 'Values Scan on "*VALUES*"',
      facts: [fact('Node Type', 'Values Scan'), fact('Alias', '*VALUES*')],
    }
  }
  return {
    title: 'Result',
    facts: [fact('Node Type', 'Result')],
    properties: rowCount === 0 ? [{ label: 'One-Time Filter', value: 'false' }] : [],
  }
}

export function modifyShape(explainer: Explaining, plan: Modify): Shape {
  const { writer } = explainer
  const { change } = plan
  const operation = capitalized(change.kind)
  const target = targetOf(writer, change.relation, change.alias)
  return {
    title: `${operation} on ${target.title}`,
    facts: [fact('Node Type', 'ModifyTable'), fact('Operation', operation), ...target.facts],
    properties:
      change.kind === 'insert' && change.onConflict ? conflictProperties(writer, change.onConflict) : [],
    children: [explainer.child('Outer', plan.input)],
  }
}

function conflictProperties(
  writer: PlanWriter,
  conflict: NonNullable<Extract<Modify['change'], { kind: 'insert' }>['onConflict']>,
): Property[] {
  return [
    { label: 'Conflict Resolution', value: conflict.update === undefined ? 'NOTHING' : 'UPDATE' },
    ...(conflict.index === undefined ? [] : [{ label: 'Conflict Arbiter Indexes', value: [conflict.index] }]),
    ...writer.condition('Conflict Filter', conjunctsOf(conflict.update?.condition)),
  ]
}
