/**
 * A zone of the tz database, through `Intl`, which is slow to ask: so what it says is kept.
 *
 * Invariants:
 * 1. A span's offset holds from its `startMs` up to, not including, its `endMs`.
 * 2. Spans that were found are never changed; those of one cell of time follow each other without a gap.
 */
import type { ZoneRules } from '../scalar-context.js'
import { formatOffset } from './zone-offset.js'

interface ZoneMoment {
  readonly offsetSeconds: number
  readonly abbreviation: string
}

interface Span extends ZoneMoment {
  readonly startMs: number
  endMs: number
}

const DAY_MS = 86_400_000
/** Time is looked at in pieces of about a year, asked after at so many points of each. */
const CELL_MS = 366 * DAY_MS
const STEP_MS = CELL_MS / 24
/** Before that no zone had changed yet. */
const FIRST_MS = Date.UTC(1800, 0, 1)
/** Rules repeat with the calendar: far moments are asked as ones of an earlier year. */
const CYCLE_MS = 146_097 * DAY_MS
/** Beyond the last timestamp that there is. */
const CELLS_END_MS = 1e16
const LAST_MS = Date.UTC(2500, 0, 1)

export class IntlZone implements ZoneRules {
  readonly name: string
  readonly #abbreviations: readonly string[] | undefined
  readonly #format: Intl.DateTimeFormat
  /** Tells summer time by its name. */
  #names: Intl.DateTimeFormat | undefined
  readonly #cells = new Map<number, readonly Span[]>()
  #last: Span = { startMs: 0, endMs: 0, offsetSeconds: 0, abbreviation: '' }

  constructor(name: string, abbreviations: readonly string[] | undefined) {
    this.name = name
    this.#abbreviations = abbreviations
    this.#format = new Intl.DateTimeFormat('en-US', { timeZone: name, timeZoneName: 'longOffset' })
  }

  at(ms: number): ZoneMoment {
    return this.#span(ms)
  }

  atLocal(localMs: number): number {
    const before = this.#span(localMs - DAY_MS)
    // Whatever zone: a local time is less than a day away from the same time of UTC.
    if (localMs + DAY_MS < before.endMs) return before.offsetSeconds
    const end = before.endMs
    const after = this.#span(end)
    const asBefore = localMs - before.offsetSeconds * 1000
    const asAfter = localMs - after.offsetSeconds * 1000
    if (asBefore < end && asAfter < end) return before.offsetSeconds
    if (asBefore > end && asAfter >= end) return this.#settle(localMs, after)
    // In a gap the offset before it holds; of two times the later one.
    return asBefore > asAfter ? before.offsetSeconds : after.offsetSeconds
  }

  /** The end of a span may only be the end of what is known; then the next one decides. */
  #settle(localMs: number, span: Span): number {
    const ms = localMs - span.offsetSeconds * 1000
    return ms < span.endMs ? span.offsetSeconds : this.#span(ms).offsetSeconds
  }

  #span(ms: number): Span {
    const last = this.#last
    if (ms >= last.startMs && ms < last.endMs) return last
    const found = this.#find(ms)
    this.#last = found
    return found
  }

  #find(ms: number): Span {
    const known = Math.min(Math.max(ms, FIRST_MS), CELLS_END_MS)
    const cell = Math.floor(known / CELL_MS)
    let spans = this.#cells.get(cell)
    if (spans === undefined) {
      spans = this.#explore(cell)
      this.#cells.set(cell, spans)
    }
    for (const span of spans) {
      if (known < span.endMs) return ms < FIRST_MS ? { ...span, startMs: -Infinity, endMs: FIRST_MS } : span
    }
    // Invariant 2: the last span ends where the cell does.
    return spans[spans.length - 1] ?? this.#last
  }

  #explore(cell: number): readonly Span[] {
    const startMs = cell * CELL_MS
    const spans: Span[] = [this.#makeSpan(startMs, this.#offset(startMs))]
    for (let ms = startMs; ms < startMs + CELL_MS; ms += STEP_MS) {
      const next = this.#offset(ms + STEP_MS)
      const last = spans[spans.length - 1]
      if (last === undefined || next === last.offsetSeconds) continue
      const changeMs = this.#findChange(ms, ms + STEP_MS, last.offsetSeconds)
      last.endMs = changeMs
      if (changeMs < startMs + CELL_MS) spans.push(this.#makeSpan(changeMs, next))
    }
    const last = spans[spans.length - 1]
    if (last !== undefined) last.endMs = Math.min(last.endMs, startMs + CELL_MS)
    return spans
  }

  #makeSpan(startMs: number, offsetSeconds: number): Span {
    return { startMs, endMs: Infinity, offsetSeconds, abbreviation: this.#abbreviate(startMs, offsetSeconds) }
  }

  /** The first second with another offset. */
  #findChange(lowMs: number, highMs: number, offsetSeconds: number): number {
    let low = Math.floor(lowMs / 1000)
    let high = Math.ceil(highMs / 1000)
    while (high - low > 1) {
      const middle = Math.floor((low + high) / 2)
      if (this.#offset(middle * 1000) === offsetSeconds) low = middle
      else high = middle
    }
    return high * 1000
  }

  #offset(ms: number): number {
    const asked = ms > LAST_MS ? inLastCycle(ms) : ms
    const match = /GMT(?:([+-])(\d\d):(\d\d)(?::(\d\d))?)?$/.exec(this.#format.format(asked))
    if (match?.[1] === undefined) return 0
    const size = Number(match[2]) * 3600 + Number(match[3]) * 60 + Number(match[4] ?? 0)
    return match[1] === '-' ? -size : size
  }

  #abbreviate(ms: number, offsetSeconds: number): string {
    // Odd seconds: local mean time, before there were zones.
    if (offsetSeconds % 900 !== 0) return 'LMT'
    const [standard, summer] = this.#abbreviations ?? []
    if (standard === undefined) return formatOffset(offsetSeconds).replace(':', '')
    return summer !== undefined && this.#isSummer(ms) ? summer : standard
  }

  #isSummer(ms: number): boolean {
    this.#names ??= new Intl.DateTimeFormat('en-US', { timeZone: this.name, timeZoneName: 'long' })
    const name = this.#names.format(ms > LAST_MS ? inLastCycle(ms) : ms)
    // Ireland's standard time is the one of summer, and its other one Greenwich's.
    return this.#abbreviations?.[0] === 'IST' && this.#abbreviations[1] === 'GMT'
      ? name.endsWith('Greenwich Mean Time')
      : /Summer|Daylight/.test(name)
  }
}

function inLastCycle(ms: number): number {
  return ms - Math.ceil((ms - LAST_MS) / CYCLE_MS) * CYCLE_MS
}
