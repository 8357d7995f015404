import type { Telemetry } from '../../telemetry/telemetry.js'
import type { CoprocessorResponse } from '../coprocessor-options.js'

/** What all scans of plans by one client came to. */
export interface DagCounts {
  /** Scans that were begun. */
  readonly scans: number
  readonly rows: number
  /** Of the answers that came over the network; those from the client's cache are not counted. */
  readonly bytes: number
  /** Scans that a server refused, or that failed on some row. */
  readonly refusals: number
}

/** Counts for the client and for its metrics at once. */
export class DagCounter {
  readonly #telemetry: Telemetry
  readonly #counts = { scans: 0, rows: 0, bytes: 0, refusals: 0 }

  constructor(telemetry: Telemetry) {
    this.#telemetry = telemetry
  }

  get counts(): DagCounts {
    return { ...this.#counts }
  }

  begun(): void {
    this.#counts.scans += 1
    this.#telemetry.dagScans.add(1)
  }

  answered({ data, cached }: CoprocessorResponse): void {
    if (cached) return
    this.#counts.bytes += data.length
    this.#telemetry.dagBytes.add(data.length)
  }

  gave(rows: number): void {
    this.#counts.rows += rows
    this.#telemetry.dagRows.add(rows)
  }

  refused(): void {
    this.#counts.refusals += 1
    this.#telemetry.dagRefusals.add(1)
  }
}
