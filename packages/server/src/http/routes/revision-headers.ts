import { OrbitError } from '@orbit-ts/base'

/** The revision of a document as an entity tag. */
export function entityTag(revision: number): string {
  return `"${revision}"`
}

/** The revision in an `If-Match` header. @throws INVALID_ARGUMENT */
export function revisionOf(ifMatch: string): number {
  const digits = /^\s*"([1-9]\d{0,14})"\s*$/.exec(ifMatch)?.[1]
  if (digits !== undefined) return Number(digits)
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `if-match: ${JSON.stringify(ifMatch.slice(0, 60))} is not the ETag of a document, such as "7" with its quotation marks`,
    { field: 'if-match' },
  )
}
