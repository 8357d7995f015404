/**
 * Consistent hashing: every member owns many points of a circle; a key belongs to the member whose point comes next.
 * A member that joins takes about its share from the others, one that leaves gives its own away, and no other key
 * changes hands.
 *
 * Invariant: where a key belongs depends on the names of the members only, not on when they came.
 */
import { createHash } from 'node:crypto'
import { OrbitError } from '@orbit-ts/base'

interface Point {
  readonly hash: number
  readonly member: string
}

/** With 128 points each, shares differ by about a tenth. */
const POINTS_PER_MEMBER = 128

export class ConsistentHashRing {
  readonly #pointsPerMember: number
  readonly #members = new Set<string>()
  #points: readonly Point[] = []

  /** @throws INVALID_ARGUMENT: `pointsPerMember` is not a whole number of at least 1 */
  constructor(members: Iterable<string> = [], pointsPerMember = POINTS_PER_MEMBER) {
    if (!Number.isInteger(pointsPerMember) || pointsPerMember < 1) {
      throw new OrbitError(
        'INVALID_ARGUMENT',
        `pointsPerMember: ${pointsPerMember} is not a whole number of at least 1`,
        { field: 'pointsPerMember' },
      )
    }
    this.#pointsPerMember = pointsPerMember
    for (const member of members) this.#members.add(member)
    this.#rebuild()
  }

  get members(): readonly string[] {
    return [...this.#members].sort()
  }

  /** False when it was there. */
  add(member: string): boolean {
    if (this.#members.has(member)) return false
    this.#members.add(member)
    this.#rebuild()
    return true
  }

  /** False when it was not there. */
  remove(member: string): boolean {
    if (!this.#members.delete(member)) return false
    this.#rebuild()
    return true
  }

  /** The member that a key belongs to; undefined when there are none. */
  memberOf(key: string): string | undefined {
    const hash = hashOf(key)
    let [low, high] = [0, this.#points.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if ((this.#points[middle]?.hash ?? 0) < hash) low = middle + 1
      else high = middle
    }
    return (this.#points[low] ?? this.#points[0])?.member
  }

  #rebuild(): void {
    const points: Point[] = []
    for (const member of this.#members) {
      for (let at = 0; at < this.#pointsPerMember; at++)
        points.push({ hash: hashOf(`${member}\0${at}`), member })
    }
    // Two points at one place: the name decides, so that every process sees the same ring.
    this.#points = points.sort((a, b) => a.hash - b.hash || (a.member < b.member ? -1 : 1))
  }
}

/** 48 bits, which a number holds exactly. */
function hashOf(text: string): number {
  return createHash('sha256').update(text).digest().readUIntBE(0, 6)
}
