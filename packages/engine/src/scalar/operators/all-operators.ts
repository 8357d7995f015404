import { allFunctions } from '../functions/all-functions.js'
import type { Operator, ScalarFunction } from '../functions/function.js'
import { arithmeticOperators } from './arithmetic-operators.js'
import { arrayOperators } from './array-operators.js'
import { comparisonOperators } from './comparison-operators.js'
import { defineOperators } from './define-operators.js'
import { furtherOperators } from './further-operators.js'
import { jsonOperators } from './json-operators.js'
import { textOperators } from './text-operators.js'
import { vectorOperators } from './vector-operators.js'

const scalarFunctions = new Map<number, ScalarFunction>()
for (const each of allFunctions) if (each.kind === 'scalar') scalarFunctions.set(each.oid, each)

/** All operators, of PostgreSQL's own and Orbit's. */
export const allOperators: readonly Operator[] = [
  comparisonOperators,
  arithmeticOperators,
  textOperators,
  arrayOperators,
  jsonOperators,
  vectorOperators,
  furtherOperators,
].flatMap((lines) => defineOperators(lines, scalarFunctions))
