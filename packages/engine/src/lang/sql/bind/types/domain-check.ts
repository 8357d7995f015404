/** Values brought into a domain. */
import type { CallExpression, Expression } from '../../../../plan/expression.js'
import { substitute } from '../../../../plan/expressions/substitute.js'
import { isVolatile } from '../../../../plan/expressions/volatility.js'
import { queryError } from '../../../../scalar/condition.js'
import type { DataType, Domain } from '../../../../scalar/data-type.js'
import type { ScalarFunction } from '../../../../scalar/functions/function.js'
import { OID } from '../context/system-types.js'
import type { StatementState } from '../context/statement-state.js'

/** The column that conditions of domains are over. */
export const VALUE_COLUMN = 0

/**
 * The value, which is of the base type already, as one of the domain: computing it fails where it may not be one.
 * @throws feature_not_supported for a volatile value under a condition, which would be computed more than once
 */
export function asDomain(statement: StatementState, value: Expression, target: DataType): Expression {
  const { domain } = target
  if (domain === undefined || value.type.domain?.oid === domain.oid) return value
  const type: DataType = { ...value.type, domain }
  if (!domain.isNotNull && domain.checks.length === 0) return { ...value, type }
  if (domain.checks.length > 0 && isVolatile(value))
    throw statement.unsupported(`a cast of a volatile expression to the domain ${domain.displayName}`)
  const conditions = domain.checks.map(({ sql }) =>
    substitute(statement.binder.domainCheck(statement, sql, domain.base), new Map([[VALUE_COLUMN, value]])),
  )
  const call: CallExpression = {
    kind: 'call',
    function: checkFunction(statement, domain, value.type),
    args: [value, ...conditions],
    type,
  }
  return call
}

/** Gives its first argument back; the others are what has to hold. */
function checkFunction(statement: StatementState, domain: Domain, type: DataType): ScalarFunction {
  const { oid, name, isNotNull, checks } = domain
  const bool = statement.scalar(OID.bool)
  return {
    kind: 'scalar',
    oid,
    name,
    parameters: [type.scalar, ...checks.map(() => bool)],
    result: type.scalar,
    isStrict: false,
    // It may fail: never computed but where its value is asked for.
    volatility: 'stable',
    bind:
      () =>
      (_context, value = null, ...held) => {
        if (value === null && isNotNull) throw domainNull(domain)
        const failed = held.indexOf(false)
        if (failed >= 0) throw domainViolation(domain, checks[failed]?.name ?? '')
        return value
      },
  }
}

type DomainName = Pick<Domain, 'name' | 'displayName'>

function domainNull({ name, displayName }: DomainName): Error {
  return queryError('not_null_violation', `domain ${displayName} does not allow null values`, {
    dataType: name,
  })
}

function domainViolation({ name, displayName }: DomainName, constraint: string): Error {
  return queryError(
    'check_violation',
    `value for domain ${displayName} violates check constraint "${constraint}"`,
    { dataType: name, constraint },
  )
}
