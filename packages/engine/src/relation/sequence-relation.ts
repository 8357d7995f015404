import { systemRegistry } from '../scalar/system-registry.js'
import { defined } from '@orbit-ts/base'
import { int64, type Row, type Value } from '../scalar/value.js'
import type { Relation, RelationColumn, RelationContext, ScanRequest } from './relation.js'
import { sequenceState, type SequenceFacts } from './sequence-numbers.js'

/** A sequence as a table of one row: `last_value`, `log_cnt`, `is_called`. */
export class SequenceRelation implements Relation {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind = 'catalog'
  readonly columns: readonly RelationColumn[] = [
    column('last_value', 'int8'),
    column('log_cnt', 'int8'),
    column('is_called', 'bool'),
  ]
  readonly indexes = []
  readonly statistics = undefined
  readonly #facts: SequenceFacts

  constructor(facts: SequenceFacts, schema: string) {
    this.oid = facts.oid
    this.schema = schema
    this.name = facts.name
    this.#facts = facts
  }

  async *scan({ models }: RelationContext, request: ScanRequest): AsyncGenerator<Row[]> {
    if (request.limit !== undefined && request.limit <= 0) return
    const { lastValue, isCalled } = await sequenceState(models, this.#facts)
    // Numbers that are logged ahead there are none.
    const values: Value[] = [int64(lastValue), 0, isCalled]
    yield [request.columns.map((ordinal) => values[ordinal] ?? null)]
  }
}

function column(name: string, type: string): RelationColumn {
  const scalar = defined(systemRegistry.typeByName(type), `the type ${type}`)
  return { name, type: { scalar, modifier: -1 }, isNotNull: true, hasDefault: false }
}
