import type { Numeric } from '../numeric/numeric.js'

/** A JSON value taken apart. Numbers are exact. Keys of objects are in PostgreSQL's order: by length in bytes, then bytes. */
export type JsonNode = null | boolean | string | Numeric | readonly JsonNode[] | ReadonlyMap<string, JsonNode>

/** A `jsonb` value: a box, so that JSON's null is not SQL's NULL. Immutable. */
export class Jsonb {
  readonly root: JsonNode

  constructor(root: JsonNode) {
    this.root = root
  }
}
