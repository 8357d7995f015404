/** What is said of an index that cannot be read yet, or never will be. One that can be read has no status. */
export type IndexStatus =
  /** Writers keep it; records that were there before it are being added. */
  | { readonly state: 'building' }
  /** A stored record cannot be in it. Nobody keeps it, and its entries are gone. */
  | { readonly state: 'invalid'; readonly failure: IndexFailure }

/** Why an index could not be built: the error of the record that stood in the way. Plain JSON. */
export interface IndexFailure {
  readonly code: string
  readonly message: string
  readonly details: Readonly<Record<string, unknown>>
}

/** A definition with indexes that are built over stored data. */
export interface Indexed {
  /** The status of indexes that are not ready, by id. Left out when all are. */
  readonly unready?: Readonly<Record<string, IndexStatus>>
}

export function statusOf({ unready }: Indexed, id: number): IndexStatus | undefined {
  return unready?.[id]
}

/** True unless the index was given up: whoever writes a record writes its entries. */
export function isKept(definition: Indexed, id: number): boolean {
  return statusOf(definition, id)?.state !== 'invalid'
}

/** The ids of indexes in a state, ascending. */
export function idsIn({ unready = {} }: Indexed, state: IndexStatus['state']): number[] {
  return Object.entries(unready).flatMap(([id, status]) => (status.state === state ? [Number(id)] : []))
}

/** The definition with this status for an index; undefined: it is ready. */
export function withStatus<Definition extends Indexed>(
  definition: Definition,
  id: number,
  status: IndexStatus | undefined,
): Definition {
  const { unready = {}, ...rest } = definition
  const entries = Object.entries(unready).filter(([key]) => key !== String(id))
  if (status !== undefined) entries.push([String(id), status])
  // Nothing but the status differs.
  const ready = rest as Definition
  return entries.length === 0 ? ready : { ...ready, unready: Object.fromEntries(entries) }
}
