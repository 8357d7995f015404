/** Intervals and times with zone as bytes. */
import { Interval } from '../../../scalar/temporal/interval.js'
import { TimeWithZone } from '../../../scalar/temporal/time-with-zone.js'

const MICROS_PER_DAY = 86_400_000_000n
const DAYS_PER_MONTH = 30n
const TWO_63 = 2n ** 63n
/** Half of what twelve bytes hold. */
const TWO_95 = 2n ** 95n

/** Months, days, microseconds: as given, not in order. */
export function intervalBytes({ months, days, micros }: Interval): Uint8Array {
  const bytes = Buffer.allocUnsafe(16)
  bytes.writeInt32BE(months, 0)
  bytes.writeInt32BE(days, 4)
  bytes.writeBigInt64BE(BigInt(micros), 8)
  return bytes
}

export function intervalOf(bytes: Buffer, start: number): Interval {
  return new Interval(
    bytes.readInt32BE(start),
    bytes.readInt32BE(start + 4),
    Number(bytes.readBigInt64BE(start + 8)),
  )
}

/** What intervals are compared by, in order: a month has thirty days, a day twenty-four hours. */
export function intervalOrder(bytes: Uint8Array): Uint8Array {
  const { months, days, micros } = intervalOf(Buffer.from(bytes), 0)
  const total = (BigInt(months) * DAYS_PER_MONTH + BigInt(days)) * MICROS_PER_DAY + BigInt(micros)
  return Buffer.from((total + TWO_95).toString(16).padStart(24, '0'), 'hex')
}

/** The moment in UTC, then the zone from east to west: in order. */
export function timetzBytes({ micros, offsetSeconds }: TimeWithZone): Uint8Array {
  const bytes = Buffer.allocUnsafe(12)
  bytes.writeBigUInt64BE(BigInt(micros - offsetSeconds * 1_000_000) + TWO_63, 0)
  bytes.writeUInt32BE(0x8000_0000 - offsetSeconds, 8)
  return bytes
}

export function timetzOf(bytes: Buffer, start: number): TimeWithZone {
  const offsetSeconds = 0x8000_0000 - bytes.readUInt32BE(start + 8)
  const utc = Number(bytes.readBigUInt64BE(start) - TWO_63)
  return new TimeWithZone(utc + offsetSeconds * 1_000_000, offsetSeconds)
}
