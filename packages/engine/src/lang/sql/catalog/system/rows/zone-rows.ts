/** `pg_timezone_names` and `pg_timezone_abbrevs`. */
import type { ScalarContext, ZoneRules } from '../../../../../scalar/scalar-context.js'
import { Interval } from '../../../../../scalar/temporal/interval.js'
import { findTimeZone, timeZoneNames, zoneAbbreviations } from '../../../../../scalar/temporal/time-zones.js'
import type { CatalogRows } from '../system-classes.js'
import type { SystemRow } from '../system-relation.js'

const HALF_YEAR_MS = 183 * 86_400_000

/** Offset and summer time at a moment: it is further east than the zone is half a year away. */
function momentOf(zone: ZoneRules, ms: number): SystemRow {
  const { offsetSeconds } = zone.at(ms)
  return {
    utc_offset: new Interval(0, 0, offsetSeconds * 1_000_000),
    is_dst: offsetSeconds > zone.at(ms - HALF_YEAR_MS).offsetSeconds,
  }
}

const nowMs = ({ statementMicros }: ScalarContext): number => Math.floor(statementMicros / 1000)

export const zoneNameRows: CatalogRows =
  () =>
  ({ scalar }) =>
    timeZoneNames().map((name): SystemRow => {
      const zone = findTimeZone(name)
      return { name, abbrev: zone.at(nowMs(scalar)).abbreviation, ...momentOf(zone, nowMs(scalar)) }
    })

export const zoneAbbreviationRows: CatalogRows =
  () =>
  ({ scalar }) =>
    Array.from(zoneAbbreviations(), ([abbrev, meaning]): SystemRow => {
      const { offsetSeconds, zone, isSummer } = meaning
      if (offsetSeconds === undefined)
        return { abbrev, ...momentOf(findTimeZone(zone ?? 'UTC'), nowMs(scalar)) }
      return { abbrev, utc_offset: new Interval(0, 0, offsetSeconds * 1_000_000), is_dst: isSummer }
    })
