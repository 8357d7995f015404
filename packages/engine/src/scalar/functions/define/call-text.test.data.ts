import { defined } from '@orbit-ts/base'
import { testScalarContext } from '../../scalar-context.test.data.js'
import type { Value } from '../../value.js'
import { allFunctions } from '../all-functions.js'
import { namedType } from './named-type.js'

const TEXT = { scalar: namedType('text'), modifier: -1 }
const context = testScalarContext()

/** What a function of texts gives, called as a plan would. */
export function callText(name: string, ...args: readonly string[]): Value {
  const found = defined(
    allFunctions.find(
      (each) =>
        each.kind === 'scalar' &&
        each.name === name &&
        each.parameters.length === args.length &&
        each.parameters.every((parameter) => parameter === TEXT.scalar),
    ),
    `${name} of ${args.length} texts`,
  )
  if (found.kind !== 'scalar') return null
  return found.bind(
    args.map(() => TEXT),
    { scalar: found.result, modifier: -1 },
  )(context, ...args)
}
