import type { SortKey } from '../expression.js'
import type { Sort } from '../physical-plan.js'
import { collationSuffix } from './deparse.js'
import type { Property } from './explain-node.js'
import type { PlanWriter } from './plan-writer.js'
import { fact, type Explaining, type Shape } from './shape.js'

export function sortShape(explainer: Explaining, plan: Sort): Shape {
  const { writer } = explainer
  const type = plan.presorted > 0 ? 'Incremental Sort' : 'Sort'
  const keys = plan.keys.map((key) => sortKeyText(writer, key))
  return {
    title: type,
    facts: [fact('Node Type', type)],
    properties: [
      { label: 'Sort Key', value: keys },
      ...(plan.presorted > 0 ? [{ label: 'Presorted Key', value: keys.slice(0, plan.presorted) }] : []),
      ...sortMethod(writer, plan),
    ],
    children: [explainer.child('Outer', plan.input)],
  }
}

function sortKeyText(writer: PlanWriter, { expression, isDescending, nullsFirst }: SortKey): string {
  const nulls = isDescending === nullsFirst ? '' : nullsFirst ? ' NULLS FIRST' : ' NULLS LAST'
  const direction = isDescending ? ' DESC' : ''
  return writer.write(expression) + collationSuffix(expression.type) + direction + nulls
}

function sortMethod(writer: PlanWriter, plan: Sort): Property[] {
  const figures = writer.figuresOf(plan)
  if (figures === undefined || figures.loops === 0) return []
  const isOnDisk = figures.spilledBytes > 0
  const method = isOnDisk ? 'external merge' : plan.limit === undefined ? 'quicksort' : 'top-N heapsort'
  const used = Math.ceil((isOnDisk ? figures.spilledBytes : figures.memoryPeakBytes) / 1024)
  const place = isOnDisk ? 'Disk' : 'Memory'
  return [
    { label: 'Sort Method', value: method, text: `Sort Method: ${method}  ${place}: ${used}kB` },
    { label: 'Sort Space Used', value: used, only: 'json' },
    { label: 'Sort Space Type', value: place, only: 'json' },
  ]
}
