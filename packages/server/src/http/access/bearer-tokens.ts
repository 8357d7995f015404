import { createHash, timingSafeEqual } from 'node:crypto'
import { OrbitError } from '@orbit-ts/base'

/**
 * The bearer tokens that are accepted. Only digests are kept, and the time that a comparison takes says nothing about
 * a token.
 */
export class BearerTokens {
  readonly #digests: readonly Buffer[]

  constructor(tokens: readonly string[]) {
    this.#digests = tokens.map(digest)
  }

  /** True when requests must carry a token. */
  get required(): boolean {
    return this.#digests.length > 0
  }

  /** @throws UNAUTHENTICATED unless the header carries an accepted token, or none is required. */
  check(authorization: string | undefined): void {
    if (this.accepts(authorization)) return
    const reason =
      authorization === undefined
        ? 'a bearer token is required: send the header "Authorization: Bearer <token>"'
        : 'the Authorization header carries no accepted bearer token'
    throw new OrbitError('UNAUTHENTICATED', reason)
  }

  accepts(authorization: string | undefined): boolean {
    if (!this.required) return true
    const token = /^Bearer +([^\s]+) *$/i.exec(authorization ?? '')?.[1]
    if (token === undefined) return false
    const given = digest(token)
    let accepted = false
    // Every one is compared, so that the time does not tell which one fits.
    for (const known of this.#digests) accepted = timingSafeEqual(known, given) || accepted
    return accepted
  }
}

function digest(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}
