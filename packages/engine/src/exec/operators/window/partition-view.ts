import type { WindowPartition } from '../../../scalar/functions/function.js'
import type { WindowFrame } from '../../../plan/expression.js'
import type { Value } from '../../../scalar/value.js'
import type { Frame, FrameTracker, Place } from './frame-tracker.js'
import type { PartitionRows } from './partition-rows.js'

/** A partition as one call sees it while it works on one row. */
export class PartitionView implements WindowPartition {
  readonly #rows: PartitionRows
  readonly #call: number
  readonly #tracker: FrameTracker
  readonly #exclude: WindowFrame['exclude']
  readonly #place: Place

  /** @param place is moved on by the caller. */
  constructor(
    rows: PartitionRows,
    call: number,
    tracker: FrameTracker,
    exclude: WindowFrame['exclude'],
    place: Place,
  ) {
    this.#rows = rows
    this.#call = call
    this.#tracker = tracker
    this.#exclude = exclude
    this.#place = place
  }

  get size(): number {
    return this.#rows.size
  }

  get position(): number {
    return this.#place.position
  }

  get peers(): { first: number; last: number } {
    const { group } = this.#place
    return { first: this.#rows.groupStart(group), last: this.#rows.groupStart(group + 1) - 1 }
  }

  get peerGroup(): number {
    return this.#place.group + 1
  }

  get frame(): Readonly<Frame> {
    return this.#tracker.at(this.#place)
  }

  isExcluded(position: number): boolean {
    if (this.#exclude === 'no others') return false
    if (this.#exclude === 'current row') return position === this.position
    const { first, last } = this.peers
    if (position < first || position > last) return false
    return this.#exclude === 'group' || position !== this.position
  }

  argument(index: number, position: number): Value {
    return this.#rows.argument(this.#call, index, position)
  }

  /** The stretches of the frame that are not excluded; undefined when that is all of it. */
  parts(): Frame[] | undefined {
    if (this.#exclude === 'no others') return undefined
    const { position } = this
    const { first, last } = this.frame
    const hole = this.#exclude === 'current row' ? { first: position, last: position } : this.peers
    const parts: Frame[] = [{ first, last: Math.min(last, hole.first - 1) }]
    if (this.#exclude === 'ties' && position >= first && position <= last) {
      parts.push({ first: position, last: position })
    }
    parts.push({ first: Math.max(first, hole.last + 1), last })
    return parts.filter((part) => part.first <= part.last)
  }
}
