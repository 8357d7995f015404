/** Bytes of values that one lease remembers at most; beyond it forgets them all. */
const VALUES_BYTES_MAX = 32 * 1024 * 1024

/** A span of time in which no leased key changes, and what was read of such keys in it. */
export class Lease {
  /** The first timestamp that it covers. */
  readonly from: bigint
  /** The first that it does not cover any more. It grows for as long as the lease is renewed in time. */
  until: bigint
  readonly #values = new Map<string, Uint8Array | undefined>()
  #bytes = 0

  constructor(from: bigint, until: bigint) {
    this.from = from
    this.until = until
  }

  covers(timestamp: bigint): boolean {
    return this.from <= timestamp && timestamp < this.until
  }

  /** Whether the value is remembered: the absence of a key is, too. */
  has(id: string): boolean {
    return this.#values.has(id)
  }

  value(id: string): Uint8Array | undefined {
    return this.#values.get(id)
  }

  /** @param value read at a timestamp that the lease covers */
  remember(id: string, value: Uint8Array | undefined): void {
    if (this.#values.has(id)) return
    const bytes = id.length + (value?.byteLength ?? 0)
    if (bytes > VALUES_BYTES_MAX) return
    if (this.#bytes + bytes > VALUES_BYTES_MAX) this.forgetValues()
    this.#values.set(id, value)
    this.#bytes += bytes
  }

  /** Of a lease that nobody reads by any more: transactions may hold on to it for long, to know when it ended. */
  forgetValues(): void {
    this.#values.clear()
    this.#bytes = 0
  }
}
