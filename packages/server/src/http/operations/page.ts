import { OrbitError } from '@orbit-ts/base'
import type { OperationLimits } from './operation.js'

export interface Page<T> {
  readonly items: readonly T[]
  /** There is more after these. */
  readonly more: boolean
}

/**
 * Reads at most as many as were asked for, and finds out with one more whether that was all.
 * @throws INVALID_ARGUMENT when more than `pageSizeMax` are asked for
 */
export async function readPage<T>(
  limit: number | undefined,
  limits: OperationLimits,
  read: (limit: number) => Promise<readonly T[]>,
): Promise<Page<T>> {
  const size = limit ?? limits.pageSize
  if (size > limits.pageSizeMax) {
    throw new OrbitError(
      'INVALID_ARGUMENT',
      `limit: ${size} is above server.page_size_max = ${limits.pageSizeMax}; read in pages`,
      { field: 'limit', max: limits.pageSizeMax },
    )
  }
  const items = await read(size + 1)
  return { items: items.slice(0, size), more: items.length > size }
}

/**
 * The list, when it names no more records than a page may have.
 * @throws INVALID_ARGUMENT
 */
export function checkListed<T>(
  field: string,
  list: readonly T[],
  { pageSizeMax }: OperationLimits,
): readonly T[] {
  if (list.length <= pageSizeMax) return list
  throw new OrbitError(
    'INVALID_ARGUMENT',
    `${field}: ${list.length} are listed, more than server.page_size_max = ${pageSizeMax}; ask for them in parts`,
    { field, max: pageSizeMax },
  )
}

/** `nextOffset` of a page that begins at `offset`, if there is a next one. */
export function nextOffsetOf(page: Page<unknown>, offset = 0): { readonly nextOffset?: number } {
  return page.more ? { nextOffset: offset + page.items.length } : {}
}

/** The chunks of a scan, up to `limit` items. */
export async function collect<T>(chunks: AsyncIterable<readonly T[]>, limit: number): Promise<T[]> {
  const items: T[] = []
  for await (const chunk of chunks) {
    items.push(...chunk.slice(0, limit - items.length))
    if (items.length >= limit) break
  }
  return items
}
