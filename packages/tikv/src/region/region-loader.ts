import { OrbitError, toBinaryString } from '@orbit-ts/base'
import type { KeyRange } from '../key-range.js'
import type { PdClient, RegionInfo } from '../pd/pd-client.js'
import { compareKeys } from './compare-keys.js'
import { regionsHaveGaps } from './region-gaps.js'

export interface RegionLoaderOptions<Loaded> {
  readonly pd: Pick<
    PdClient,
    'getRegion' | 'getPreviousRegion' | 'getRegionById' | 'scanRegions' | 'batchScanRegions'
  >
  /** Told of each question to PD, by its kind. */
  onQuestion(kind: QuestionKind): void
  /** Ends every question to PD. */
  readonly closing: AbortSignal
  /** The region when it has come to be known while a question waited for its turn. */
  known(key: Uint8Array): Loaded | undefined
  /** Takes over what PD said. `ahead` of those that nobody asked for by key. */
  accept(info: RegionInfo, ahead: boolean): Promise<Loaded>
}

export type QuestionKind = 'key' | 'keys' | 'end-key' | 'id' | 'range' | 'ranges' | 'reload'

/** PD takes at most so many ranges at once, and gives so many regions. */
export const RANGES_PER_CALL = 2048
export const REGIONS_PER_CALL = 128

/** Beyond every key that people use: from its region on, the last region is found. */
const FAR_KEY = new Uint8Array(64).fill(0xff)

interface Waiter<Loaded> {
  readonly key: Uint8Array
  readonly allowFollower: boolean
  readonly promise: Promise<Loaded | undefined>
  readonly resolve: (loaded: Loaded | undefined) => void
  readonly reject: (error: unknown) => void
}

/**
 * Asks PD for regions: each method is one attempt, undefined when PD has no such region.
 *
 * Invariants:
 * 1. Concurrent questions for one key, one end key or one id are one question.
 * 2. While keys are being asked for, further keys wait; then those still unknown are asked for in one call. So a
 *    thousand callers that miss in one region cost at most two calls.
 */
export class RegionLoader<Loaded> {
  readonly #options: RegionLoaderOptions<Loaded>
  readonly #waiting = new Map<string, Waiter<Loaded>>()
  readonly #flights = new Map<string, Promise<Loaded | undefined>>()
  #pumping = false

  constructor(options: RegionLoaderOptions<Loaded>) {
    this.#options = options
  }

  byKey(key: Uint8Array, allowFollower: boolean): Promise<Loaded | undefined> {
    const name = nameOf(key, allowFollower)
    const flight = this.#flights.get(name) ?? this.#waiting.get(name)?.promise
    if (flight !== undefined) return flight
    const waiter = newWaiter<Loaded>(key, allowFollower)
    this.#waiting.set(name, waiter)
    if (!this.#pumping) void this.#pump()
    return waiter.promise
  }

  /** The region that holds the key although one is known that seems to. */
  reload(key: Uint8Array): Promise<Loaded | undefined> {
    return this.#once('r' + toBinaryString(key), async () => {
      this.#options.onQuestion('reload')
      const info = await this.#options.pd.getRegion(key, { signal: this.#options.closing })
      return info === undefined ? undefined : this.#options.accept(info, true)
    })
  }

  /** The region that holds the keys just before `key`; an empty key is the end of everything. */
  byEndKey(key: Uint8Array, allowFollower: boolean): Promise<Loaded | undefined> {
    return this.#once('e' + toBinaryString(key), async () => {
      this.#options.onQuestion('end-key')
      const info =
        key.byteLength === 0 ? await this.#lastRegion() : await this.#regionBefore(key, allowFollower)
      return info === undefined ? undefined : this.#options.accept(info, false)
    })
  }

  byId(id: bigint): Promise<Loaded | undefined> {
    return this.#once(`i${id}`, async () => {
      this.#options.onQuestion('id')
      const info = await this.#options.pd.getRegionById(id, { signal: this.#options.closing })
      return info === undefined ? undefined : this.#options.accept(info, false)
    })
  }

  /** The first regions of a range, at most `limit`. Undefined when PD left a gap. */
  async byRange(range: KeyRange, limit: number, allowFollower: boolean): Promise<Loaded[] | undefined> {
    const options = { signal: this.#options.closing, allowFollower }
    this.#options.onQuestion('range')
    const infos = await this.#options.pd.scanRegions(range, limit, options)
    return this.#acceptAll([range], infos, limit)
  }

  /** The first regions of many ranges, which are in order and do not overlap. Undefined when PD left a gap. */
  async byRanges(ranges: readonly KeyRange[], allowFollower: boolean): Promise<Loaded[] | undefined> {
    const asked = ranges.slice(0, RANGES_PER_CALL)
    this.#options.onQuestion('ranges')
    const infos = await this.#batchScan(asked, allowFollower)
    return this.#acceptAll(asked, infos, REGIONS_PER_CALL)
  }

  async #acceptAll(
    ranges: readonly KeyRange[],
    infos: readonly RegionInfo[],
    limit: number,
  ): Promise<Loaded[] | undefined> {
    const regions = infos.map(({ region }) => region)
    if (regionsHaveGaps(ranges, regions, limit)) return undefined
    const loaded: Loaded[] = []
    for (const info of infos) loaded.push(await this.#options.accept(info, true))
    return loaded
  }

  #once(name: string, load: () => Promise<Loaded | undefined>): Promise<Loaded | undefined> {
    let flight = this.#flights.get(name)
    if (flight === undefined) {
      flight = load().finally(() => this.#flights.delete(name))
      this.#flights.set(name, flight)
    }
    return flight
  }

  async #pump(): Promise<void> {
    this.#pumping = true
    while (this.#waiting.size > 0) {
      const round = this.#takeRound()
      const names = [...round.keys()]
      for (const [name, waiter] of round) this.#flights.set(name, waiter.promise)
      await this.#loadRound([...round.values()])
      for (const name of names) this.#flights.delete(name)
    }
    this.#pumping = false
  }

  /** What waits, as far as one call can answer it: keys that have come to be known are answered at once. */
  #takeRound(): Map<string, Waiter<Loaded>> {
    const round = new Map<string, Waiter<Loaded>>()
    let allowFollower: boolean | undefined
    for (const [name, waiter] of this.#waiting) {
      const known = this.#options.known(waiter.key)
      if (known !== undefined) {
        this.#waiting.delete(name)
        waiter.resolve(known)
      } else if (
        round.size < RANGES_PER_CALL &&
        (allowFollower ??= waiter.allowFollower) === waiter.allowFollower
      ) {
        this.#waiting.delete(name)
        round.set(name, waiter)
      }
    }
    return round
  }

  async #loadRound(round: readonly Waiter<Loaded>[]): Promise<void> {
    try {
      await (round.length > 1 ? this.#loadMany(round) : this.#loadOne(round[0]))
    } catch (error) {
      for (const waiter of round) waiter.reject(error)
    }
  }

  async #loadOne(waiter: Waiter<Loaded> | undefined): Promise<void> {
    if (waiter === undefined) return
    const { key, allowFollower } = waiter
    this.#options.onQuestion('key')
    const info = await this.#options.pd.getRegion(key, { signal: this.#options.closing, allowFollower })
    waiter.resolve(info === undefined ? undefined : await this.#options.accept(info, false))
  }

  async #loadMany(round: readonly Waiter<Loaded>[]): Promise<void> {
    const inOrder = [...round].sort((a, b) => compareKeys(a.key, b.key))
    const ranges = inOrder.map(({ key }) => ({ start: key, end: keyAfter(key) }))
    this.#options.onQuestion('keys')
    const infos = await this.#batchScan(ranges, inOrder[0]?.allowFollower === true)
    const last = infos.at(-1)
    const first = inOrder[0]
    // More is to come only after an answer that got as far as the first key.
    const goesOn =
      infos.length >= REGIONS_PER_CALL &&
      last !== undefined &&
      first !== undefined &&
      !endsBefore(last, first.key)
    const accepted = new Map<RegionInfo, Loaded>()
    for (const info of infos) accepted.set(info, await this.#options.accept(info, true))
    let index = 0
    for (const waiter of inOrder) {
      while (infos[index] !== undefined && endsBefore(infos[index] as RegionInfo, waiter.key)) index += 1
      this.#answer(waiter, infos[index], accepted, goesOn)
    }
  }

  /** A key beyond the last region of a full answer waits for another turn. */
  #answer(
    waiter: Waiter<Loaded>,
    info: RegionInfo | undefined,
    accepted: ReadonlyMap<RegionInfo, Loaded>,
    goesOn: boolean,
  ): void {
    if (info === undefined && goesOn) this.#waiting.set(nameOf(waiter.key, waiter.allowFollower), waiter)
    else if (info === undefined || compareKeys(info.region.startKey, waiter.key) > 0)
      waiter.resolve(undefined)
    else waiter.resolve(accepted.get(info))
  }

  #batchScan(ranges: readonly KeyRange[], allowFollower: boolean): Promise<readonly RegionInfo[]> {
    const options = { signal: this.#options.closing, allowFollower }
    return this.#options.pd.batchScanRegions(ranges, REGIONS_PER_CALL, options)
  }

  async #regionBefore(key: Uint8Array, allowFollower: boolean): Promise<RegionInfo | undefined> {
    const options = { signal: this.#options.closing, allowFollower }
    const info = await this.#options.pd.getRegion(key, options)
    if (info === undefined || compareKeys(info.region.startKey, key) !== 0) return info
    return this.#options.pd.getPreviousRegion(key, options)
  }

  /** Walks to the right from a key that is far to the right already: mostly one question. */
  async #lastRegion(): Promise<RegionInfo | undefined> {
    const options = { signal: this.#options.closing }
    let info = await this.#options.pd.getRegion(FAR_KEY, options)
    for (let steps = 0; info !== undefined && info.region.endKey.byteLength > 0; steps++) {
      if (steps === REGIONS_PER_CALL)
        throw new OrbitError('REGION_UNAVAILABLE', 'PD does not lead to the last region', { steps })
      info = await this.#options.pd.getRegion(info.region.endKey, options)
    }
    return info
  }
}

function nameOf(key: Uint8Array, allowFollower: boolean): string {
  return (allowFollower ? 'f' : 'l') + toBinaryString(key)
}

function newWaiter<Loaded>(key: Uint8Array, allowFollower: boolean): Waiter<Loaded> {
  let settle: Pick<Waiter<Loaded>, 'resolve' | 'reject'> | undefined
  const promise = new Promise<Loaded | undefined>((resolve, reject) => {
    settle = { resolve, reject }
  })
  // The executor has run by now.
  return { key, allowFollower, promise, ...(settle as NonNullable<typeof settle>) }
}

function endsBefore({ region }: RegionInfo, key: Uint8Array): boolean {
  return region.endKey.byteLength > 0 && compareKeys(region.endKey, key) <= 0
}

/** The least key above `key`. */
export function keyAfter(key: Uint8Array): Uint8Array {
  const after = new Uint8Array(key.byteLength + 1)
  after.set(key)
  return after
}
