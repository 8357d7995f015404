/** What the names of schemas of temporary objects begin with. */
export const TEMPORARY_PREFIX = 'pg_temp_'

/** Where a session's temporary objects are. */
export function temporarySchema(processId: number): string {
  return `${TEMPORARY_PREFIX}${processId}`
}
