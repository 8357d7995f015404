/** How messages name records. */
import type { EdgeKey } from './graph-records.js'

export function nodeName(id: string): string {
  return `node ${JSON.stringify(id)}`
}

export function edgeName({ type, from, to, id }: EdgeKey): string {
  const name = `edge ${type} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`
  return id === undefined || id === '' ? name : `${name} (id ${JSON.stringify(id)})`
}

/** The edge as details of an error. */
export function edgeDetails({ type, from, to, id }: EdgeKey): Readonly<Record<string, unknown>> {
  return { edge: { type, from, to, ...(id === undefined || id === '' ? {} : { id }) } }
}
