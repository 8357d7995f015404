/** How messages name records. The texts are made only when there is something to say. */
import type { EdgeKey } from './graph-records.js'

type Details = Readonly<Record<string, unknown>>

export interface RecordName {
  /** `node "JFK"`, `edge FLIGHT "JFK" -> "OSL"` */
  readonly what: string
  /** The same as details of an error. */
  readonly details: Details
}

export class NodeName implements RecordName {
  readonly #id: string

  constructor(id: string) {
    this.#id = id
  }

  get what(): string {
    return `node ${JSON.stringify(this.#id)}`
  }

  get details(): Details {
    return { node: this.#id }
  }
}

export class EdgeName implements RecordName {
  readonly #key: EdgeKey

  constructor(key: EdgeKey) {
    this.#key = key
  }

  get what(): string {
    const { type, from, to, id } = this.#key
    const name = `edge ${type} ${JSON.stringify(from)} -> ${JSON.stringify(to)}`
    return id === undefined || id === '' ? name : `${name} (id ${JSON.stringify(id)})`
  }

  get details(): Details {
    const { type, from, to, id } = this.#key
    return { edge: { type, from, to, ...(id === undefined || id === '' ? {} : { id }) } }
  }
}

export function nodeName(id: string): string {
  return new NodeName(id).what
}

export function edgeName(key: EdgeKey): string {
  return new EdgeName(key).what
}

export function edgeDetails(key: EdgeKey): Details {
  return new EdgeName(key).details
}
