import type { ParameterExpression } from '../../../../plan/expression.js'
import { queryError } from '../../../../scalar/condition.js'
import type { DataType } from '../../../../scalar/data-type.js'
import { located } from './facts.js'
import { OID } from './system-types.js'

/** More than this many cannot be sent. */
const PARAMETERS_MAX = 65_535

/**
 * The parameters of a statement. Types that nobody declared are taken from the first place that wants one; all other
 * places must then agree.
 */
export class Parameters {
  readonly #types: (DataType | undefined)[]
  readonly #unknown: DataType
  /** References whose type was not known when they were met, and that nobody has converted yet. */
  readonly #open = new Map<ParameterExpression, number | undefined>()

  readonly #countMax: number

  /** @param isFixed there are no others */
  constructor(declared: readonly (DataType | undefined)[], unknown: DataType, isFixed: boolean) {
    this.#countMax = isFixed ? declared.length : PARAMETERS_MAX
    this.#types = declared.map((type) => (type?.scalar.oid === OID.unknown ? undefined : type))
    this.#unknown = unknown
  }

  /** `$number`. @param offset for errors */
  reference(number: number, location: number | undefined, offset: number | undefined): ParameterExpression {
    if (number < 1 || number > this.#countMax) {
      throw queryError('undefined_parameter', `there is no parameter $${number}`, at(offset))
    }
    const index = number - 1
    while (this.#types.length <= index) this.#types.push(undefined)
    const type = this.#types[index]
    const expression = located({ kind: 'parameter' as const, index, type: type ?? this.#unknown }, location)
    if (type === undefined) this.#open.set(expression, offset)
    return expression
  }

  /** A reference of unknown type as one of the wanted type. @throws ambiguous_parameter when others want another one */
  settle(expression: ParameterExpression, type: DataType, offset: number | undefined): ParameterExpression {
    const known = this.#types[expression.index]
    if (known !== undefined && known.scalar.oid !== type.scalar.oid) {
      throw queryError(
        'ambiguous_parameter',
        `inconsistent types deduced for parameter $${expression.index + 1}`,
        {
          detail: `${known.scalar.displayName} versus ${type.scalar.displayName}`,
          ...at(offset),
        },
      )
    }
    // A parameter is what the client sends: no modifier of a column is imposed on it.
    const settled: DataType = known ?? { scalar: type.scalar, modifier: -1 }
    this.#types[expression.index] = settled
    this.#open.delete(expression)
    return { kind: 'parameter', index: expression.index, type: settled }
  }

  /** The types of all. @throws indeterminate_datatype where nothing gave one */
  finish(): DataType[] {
    for (const [expression, offset] of this.#open) {
      if (this.#types[expression.index] !== undefined) {
        throw queryError(
          'ambiguous_parameter',
          `could not determine data type of parameter $${expression.index + 1}`,
          at(offset),
        )
      }
    }
    return this.#types.map((type, index) => {
      if (type !== undefined) return type
      throw queryError('indeterminate_datatype', `could not determine data type of parameter $${index + 1}`)
    })
  }
}

function at(offset: number | undefined): { offset?: number } {
  return offset === undefined ? {} : { offset }
}
