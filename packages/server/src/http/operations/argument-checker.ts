import { OrbitError, didYouMean } from '@orbit-ts/base'
import type { Static, TObject } from 'typebox'
import { Compile, type Validator } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'

/** Checks the outer shape of arguments; what is inside records and filters is the engine's to check. */
export class ArgumentChecker<Args extends TObject> {
  readonly #schema: Args
  #validator: Validator | undefined

  constructor(schema: Args) {
    this.#schema = schema
  }

  /** The arguments themselves. @throws INVALID_ARGUMENT naming the argument and what is accepted */
  check(args: unknown): Static<Args> {
    refuseAtOnce(this.#schema, args)
    // Compiled when it is needed first: most servers never use most operations.
    this.#validator ??= Compile(this.#schema)
    if (!this.#validator.Check(args)) throw explain(this.#schema, this.#validator.Errors(args))
    return args as Static<Args>
  }
}

/** What needs no look at every member: the validator takes long over millions of them before it says so. */
function refuseAtOnce({ properties }: TObject, args: unknown): void {
  if (typeof args !== 'object' || args === null || Array.isArray(args)) return
  for (const [name, value] of Object.entries(args)) {
    if (!Object.hasOwn(properties, name)) {
      const known = Object.keys(properties)
      const hint = didYouMean(name, known) || (known.length === 0 ? '' : `; there are ${known.join(', ')}`)
      throw invalid(name, `is no argument${hint}`)
    }
    const { maxItems } = properties[name] as { readonly maxItems?: number }
    if (maxItems !== undefined && Array.isArray(value) && value.length > maxItems) {
      throw invalid(name, `must not have more than ${maxItems} items`)
    }
  }
}

function explain(schema: TObject, errors: readonly TLocalizedValidationError[]): OrbitError {
  const error = mostTelling(errors)
  if (error === undefined) return invalid('args', 'are not valid')
  if (error.keyword === 'required') {
    const where = fieldOf(error)
    const name = error.params.requiredProperties[0] ?? ''
    return invalid(where === 'args' ? name : `${where}.${name}`, 'is required')
  }
  return invalid(fieldOf(error), messageOf(schema, error))
}

/**
 * Of the forms that a value may have, each has its complaints; the one deepest inside comes from the form that was
 * meant.
 */
function mostTelling(errors: readonly TLocalizedValidationError[]): TLocalizedValidationError | undefined {
  const depthOf = (error: TLocalizedValidationError): number =>
    stepsOf(error).length + (error.keyword === 'required' || error.keyword === 'additionalProperties' ? 1 : 0)
  // `boolean` is said of each unknown property besides `additionalProperties`.
  const others = errors.filter(({ keyword }) => keyword !== 'boolean')
  // The validator gives up after a few errors, and many unknown properties leave it no room for another one.
  const candidates = others.length > 0 ? others : errors
  const deepest = Math.max(...candidates.map(depthOf))
  const found = candidates.filter((error) => depthOf(error) === deepest)
  return found.find(({ keyword }) => keyword === 'anyOf') ?? found[0]
}

function messageOf(schema: TObject, error: TLocalizedValidationError): string {
  switch (error.keyword) {
    case 'anyOf': {
      const argument = schema.properties[stepsOf(error)[0] ?? '']
      const description: unknown = argument === undefined ? undefined : Reflect.get(argument, 'description')
      return `has none of the forms it may have${typeof description === 'string' ? `: ${description}` : ''}`
    }
    case 'enum':
      return `must be one of ${error.params.allowedValues.map((value) => JSON.stringify(value)).join(', ')}`
    case 'additionalProperties':
      return `must not have ${error.params.additionalProperties.map((name) => JSON.stringify(name)).join(', ')}`
    case 'boolean':
      return 'is not accepted here'
    default:
      return error.message
  }
}

const stepsOf = (error: TLocalizedValidationError): string[] =>
  error.instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'))

const fieldOf = (error: TLocalizedValidationError): string => stepsOf(error).join('.') || 'args'

function invalid(field: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `${field} ${reason}`, { field })
}
