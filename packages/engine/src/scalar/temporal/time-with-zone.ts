/** A time of day with its offset (`timetz`). Immutable. */
export class TimeWithZone {
  /** Microseconds since midnight, local. */
  readonly micros: number
  /** Seconds east of UTC. */
  readonly offsetSeconds: number

  constructor(micros: number, offsetSeconds: number) {
    this.micros = micros
    this.offsetSeconds = offsetSeconds
  }
}
