/**
 * Time zones by name, from what the runtime knows of the tz database.
 *
 * Invariants:
 * 1. There is one object for each name, kept for ever: names come from a fixed list, and other ones (POSIX offsets) are
 *    kept up to a limit.
 */
import { queryError } from '../condition.js'
import type { ZoneRules } from '../scalar-context.js'
import { IntlZone } from './intl-zone.js'
import { formatOffset } from './zone-offset.js'
import { FIXED_ABBREVIATIONS, ZONE_ABBREVIATIONS } from './zone-abbreviations.js'
import { ZONE_NAMES } from './zone-names.js'

interface ZoneName {
  readonly name: string
  /** Of standard time and of summer time; undefined where offsets are shown instead. */
  readonly abbreviations: readonly string[] | undefined
}

const NAMES = new Map<string, ZoneName>()
for (const [abbreviations, names] of Object.entries(ZONE_NAMES)) {
  for (const name of names.trim().split(/\s+/)) {
    NAMES.set(name.toLowerCase(), {
      name,
      abbreviations: abbreviations === '' ? undefined : abbreviations.split('/'),
    })
  }
}

const zones = new Map<string, ZoneRules>()
const ZONES_MAX = 2000

/** All names, in no order. */
export function timeZoneNames(): readonly string[] {
  return Array.from(NAMES.values(), ({ name }) => name)
}

/** By name (in any case) or by offset in POSIX's way, `UTC+3`, where west is positive. Undefined: there is no such zone. */
export function tryFindTimeZone(name: string): ZoneRules | undefined {
  const key = name.toLowerCase()
  const known = zones.get(key)
  if (known !== undefined) return known
  const zone = makeZone(key, name)
  if (zone !== undefined) {
    if (zones.size >= ZONES_MAX) zones.clear()
    zones.set(key, zone)
  }
  return zone
}

/** @throws invalid_parameter_value */
export function findTimeZone(name: string): ZoneRules {
  const zone = tryFindTimeZone(name)
  if (zone === undefined) {
    throw queryError('invalid_parameter_value', `time zone "${name}" not recognized`)
  }
  return zone
}

const NAMES_OF_UTC = new Set([
  'utc',
  'uct',
  'universal',
  'zulu',
  'gmt',
  'gmt0',
  'gmt+0',
  'gmt-0',
  'greenwich',
])

function makeZone(key: string, name: string): ZoneRules | undefined {
  const known = NAMES.get(key)
  if (known === undefined) return hoursZone(name) ?? posixZone(name)
  if (NAMES_OF_UTC.has(key) || /^etc\/(?:u|zulu|gmt[+-]?0?$|greenwich)/.test(key)) {
    return fixedZone(known.name, 0, known.abbreviations?.[0] ?? 'UTC')
  }
  return new IntlZone(known.name, known.abbreviations)
}

/** A zone whose offset never changes. @param offsetSeconds east of UTC */
export function fixedZone(name: string, offsetSeconds: number, abbreviation: string): ZoneRules {
  const entry = { offsetSeconds, abbreviation }
  return { name, at: () => entry, atLocal: () => offsetSeconds }
}

/** An offset as SET TIME ZONE takes it: hours (or any seconds) east; named as PostgreSQL does, `<+02>-02`. */
export function offsetZone(offsetSeconds: number): ZoneRules {
  const east = formatOffset(offsetSeconds)
  const west = formatOffset(-offsetSeconds)
  return fixedZone(`<${east}>${west}`, offsetSeconds, east)
}

/** Hours east, as SET TIME ZONE takes them: `-7`, `5.5`. */
function hoursZone(name: string): ZoneRules | undefined {
  const isNumber = /^[ \t]*[+-]?(?:\d+\.?\d*|\.\d+)$/.test(name)
  const seconds = Math.trunc(Number(name) * 3600)
  return isNumber && Math.abs(seconds) <= 167 * 3600 ? offsetZone(seconds) : undefined
}

const POSIX = /^(?:([a-z]{3,})|<([^<>]+)>|(?=[+-]?\d{1,3}:))([+-]?\d{1,3})(?::(\d\d?)(?::(\d\d?))?)?$/i

function posixZone(name: string): ZoneRules | undefined {
  const match = POSIX.exec(name)
  if (match === null) return undefined
  const [, letters, quoted, hours = '0', minutes = '0', seconds = '0'] = match
  const size = Math.abs(Number(hours)) * 3600 + Number(minutes) * 60 + Number(seconds)
  if (size > 167 * 3600 + 3599 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const offset = hours.startsWith('-') ? size : -size
  return fixedZone(name.toUpperCase(), offset + 0, (letters ?? quoted ?? '').toUpperCase())
}

export interface ZoneAbbreviation {
  /** Seconds east of UTC; undefined: what `zone` says for the moment. */
  readonly offsetSeconds: number | undefined
  readonly zone: string | undefined
  readonly isSummer: boolean
}

const ABBREVIATIONS = new Map<string, ZoneAbbreviation>()
for (const item of FIXED_ABBREVIATIONS.trim().split(/\s+/)) {
  const [name = '', offset = '0'] = item.split('=')
  const isSummer = name.endsWith('*')
  ABBREVIATIONS.set(name.replace('*', '').toLowerCase(), {
    offsetSeconds: Number(offset),
    zone: undefined,
    isSummer,
  })
}
for (const item of ZONE_ABBREVIATIONS.trim().split(/\s+/)) {
  const [name = '', zone] = item.split('=')
  ABBREVIATIONS.set(name.toLowerCase(), { offsetSeconds: undefined, zone, isSummer: false })
}

/** In any case: `est`, `CEST`, `Z`. */
export function findZoneAbbreviation(name: string): ZoneAbbreviation | undefined {
  return ABBREVIATIONS.get(name.toLowerCase())
}

/** All that there are, upper case. */
export function zoneAbbreviations(): Iterable<readonly [string, ZoneAbbreviation]> {
  return Array.from(ABBREVIATIONS, ([name, meaning]) => [name.toUpperCase(), meaning] as const)
}

/** What `AT TIME ZONE` takes: an abbreviation first, then a zone. @throws invalid_parameter_value */
export function findZoneOrAbbreviation(name: string): ZoneRules {
  const abbreviation = findZoneAbbreviation(name)
  if (abbreviation === undefined) return findTimeZone(name)
  return abbreviation.offsetSeconds === undefined
    ? findTimeZone(abbreviation.zone ?? name)
    : fixedZone(name.toUpperCase(), abbreviation.offsetSeconds, name.toUpperCase())
}
