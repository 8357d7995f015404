import { int64, type Value } from '../../../scalar/value.js'
import { queryError } from '../../../scalar/condition.js'
import type { FunctionServices } from '../../../scalar/functions/function.js'
import { setSequence, takeSequenceNumbers, type SequenceFacts } from '../../../relation/sequence-numbers.js'
import { objectOid } from '../catalog/oids.js'
import type { Privilege } from '../catalog-snapshot.js'
import { readOnly } from './read-only.js'
import type { StatementScope } from './statement-scope.js'
import type { SessionState } from './session-state.js'

/** What a session has been given of sequences: `currval` and `lastval` are its own. */
export class SequenceMemory {
  readonly #values = new Map<number, Value>()
  #last: number | undefined

  remember(sequence: number, value: Value): void {
    this.#values.set(sequence, value)
  }

  /** `nextval` was called: what `lastval` is about. */
  taken(sequence: number, value: Value): void {
    this.remember(sequence, value)
    this.#last = sequence
  }

  get(sequence: number): Value | undefined {
    return this.#values.get(sequence)
  }

  get last(): number | undefined {
    return this.#last
  }

  clear(): void {
    this.#values.clear()
    this.#last = undefined
  }
}

type SequenceServices = Omit<FunctionServices, 'invoke'>

/** `nextval`, `setval`, `currval`, `lastval`. */
export function sequenceServices(state: SessionState, scope: StatementScope): SequenceServices {
  const { sequences, transaction } = state
  return {
    nextValue: async (oid) => {
      const sequence = requireSequence(state, scope, oid, ['usage', 'update'])
      if (transaction.isReadOnly) throw readOnly('nextval()')
      const [number] = await takeSequenceNumbers(scope.context, sequence, 1)
      const value = number === undefined ? null : int64(number)
      sequences.taken(oid, value)
      return value
    },
    setValue: async (oid, value, isCalled) => {
      const sequence = requireSequence(state, scope, oid, ['update'])
      if (transaction.isReadOnly) throw readOnly('setval()')
      const given = BigInt(value as number | bigint)
      if (given < sequence.min || given > sequence.max) {
        throw queryError(
          'numeric_value_out_of_range',
          `setval: value ${given} is out of bounds for sequence "${sequence.name}" (${sequence.min}..${sequence.max})`,
        )
      }
      await setSequence(scope.context, sequence, isCalled ? given + sequence.increment : given)
      if (isCalled) sequences.remember(oid, value)
      return value
    },
    currentValue: (oid) => {
      const sequence = requireSequence(state, scope, oid, ['usage', 'select'])
      const value = sequences.get(oid)
      if (value !== undefined) return value
      throw queryError(
        'object_not_in_prerequisite_state',
        `currval of sequence "${sequence.name}" is not yet defined in this session`,
      )
    },
    lastValue: () => {
      const { last } = sequences
      const value = last === undefined ? undefined : sequences.get(last)
      if (value !== undefined) return value
      throw queryError('object_not_in_prerequisite_state', 'lastval is not yet defined in this session')
    },
  }
}

/** @throws undefined_table, wrong_object_type, insufficient_privilege unless it has one of the privileges */
function requireSequence(
  { user }: SessionState,
  { catalog }: StatementScope,
  oid: number,
  privileges: readonly Privilege[],
): SequenceFacts {
  const record = catalog.sequences.find(({ id }) => objectOid(id) === oid)
  const facts = record === undefined ? undefined : catalog.sequenceFacts(record.id)
  if (facts === undefined) {
    const name = catalog.nameOf('class', oid)
    throw name === undefined
      ? queryError('undefined_table', `could not open relation with OID ${oid}`)
      : queryError('wrong_object_type', `"${name}" is not a sequence`)
  }
  if (!privileges.some((privilege) => catalog.isAllowed(user, privilege, { kind: 'class', oid })))
    throw queryError('insufficient_privilege', `permission denied for sequence ${facts.name}`)
  return facts
}
