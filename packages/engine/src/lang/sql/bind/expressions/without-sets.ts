import type { QueryScope } from '../scope/query-scope.js'

/** Binds what may not hold calls of set-returning functions. @throws feature_not_supported */
export function withoutSets<T>(scope: QueryScope, what: string, work: () => T): T {
  const { result, met } = scope.watch(work)
  if (met.setLocation === undefined) return result
  throw scope.statement.error(
    'feature_not_supported',
    `set-returning functions are not allowed in ${what}`,
    met.setLocation,
    { hint: 'You might be able to move the set-returning function into a LATERAL FROM item.' },
  )
}
