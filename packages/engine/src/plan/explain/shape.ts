/** What is said of an operator, and the parts that say it. */
import type { Aggregate, PhysicalPlan, StoreScan, TableScan } from '../physical-plan.js'
import type { ExplainChild, ExplainNode, Property } from './explain-node.js'
import type { PlanWriter } from './plan-writer.js'

/** What an operator is called, and what is said of it; the rest is the same for all. */
export interface Shape {
  readonly title: string
  readonly facts: readonly Property[]
  readonly properties?: readonly Property[]
  readonly children?: readonly ExplainChild[]
}

/** What operators need of the plan as a whole, to be shown. */
export interface Explaining {
  readonly writer: PlanWriter
  node(plan: PhysicalPlan): ExplainNode
  child(relationship: ExplainChild['relationship'], plan: PhysicalPlan): ExplainChild
}

export function one(title: string, input: PhysicalPlan, explainer: Explaining): Shape {
  return {
    title,
    facts: [fact('Node Type', title)],
    children: [explainer.child('Outer', input)],
  }
}

export function fact(label: string, value: string): Property {
  return { label, value }
}

export function notPushed({ notPushed: reason }: TableScan | StoreScan | Aggregate): Property[] {
  return reason === undefined ? [] : [{ label: 'Not Pushed', value: reason }]
}

export function kilobytes(label: string, bytes: number, textLabel: string = label): Property {
  const used = Math.ceil(bytes / 1024)
  return { label, value: used, text: `${textLabel}: ${used}kB` }
}

export function capitalized(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1)
}
