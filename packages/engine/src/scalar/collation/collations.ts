/** The collations that `COLLATE` can name. */
import type { Collation } from '../data-type.js'
import { compareCodePoints } from './code-points.js'

/** A collation with what `pg_collation` says of it. */
export interface SystemCollation extends Collation {
  readonly oid: number
  readonly provider: 'c' | 'd' | 'i'
  /** Of ICU's: the language tag. */
  readonly locale?: string
}

function byCodePoint(oid: number, name: string, provider: 'c' | 'd' = 'c'): SystemCollation {
  return { oid, name, provider, compare: compareCodePoints }
}

export const defaultCollation: SystemCollation = byCodePoint(100, 'default', 'd')
export const cCollation: SystemCollation = byCodePoint(950, 'C')

/** Texts that the language does not tell apart are ordered by code point, so that only equal ones are equal. */
function byLanguage(oid: number, name: string, locale: string): SystemCollation {
  let collator: Intl.Collator | undefined
  const compare = (a: string, b: string): number => {
    if (a === b) return 0
    // English has no rules of its own beyond the root's.
    collator ??= new Intl.Collator(locale === 'und' ? 'en' : locale, COLLATOR_OPTIONS)
    return collator.compare(a, b) || compareCodePoints(a, b)
  }
  return { oid, name, provider: 'i', locale, compare }
}

const COLLATOR_OPTIONS: Intl.CollatorOptions = { usage: 'sort', sensitivity: 'variant' }

/** Languages with an ICU collation here: `xx-x-icu`, as PostgreSQL's `pg_import_system_collations` names them. */
const LANGUAGES = [
  ...[
    'af',
    'am',
    'ar',
    'as',
    'az',
    'be',
    'bg',
    'bn',
    'bs',
    'ca',
    'cs',
    'cy',
    'da',
    'de',
    'de-AT',
    'el',
    'en',
  ],
  ...[
    'en-AU',
    'en-CA',
    'en-GB',
    'en-US',
    'es',
    'et',
    'eu',
    'fa',
    'fi',
    'fil',
    'fr',
    'fr-CA',
    'ga',
    'gl',
    'gu',
  ],
  ...[
    'he',
    'hi',
    'hr',
    'hu',
    'hy',
    'id',
    'is',
    'it',
    'ja',
    'ka',
    'kk',
    'km',
    'kn',
    'ko',
    'ky',
    'lo',
    'lt',
    'lv',
  ],
  ...[
    'mk',
    'ml',
    'mn',
    'mr',
    'ms',
    'my',
    'nb',
    'ne',
    'nl',
    'nn',
    'or',
    'pa',
    'pl',
    'ps',
    'pt',
    'ro',
    'ru',
    'si',
  ],
  ...['sk', 'sl', 'sq', 'sr', 'sv', 'sw', 'ta', 'te', 'th', 'tr', 'uk', 'ur', 'uz', 'vi', 'zh', 'zu'],
]
const FIRST_ICU_OID = 12_600

/** All of them; `find` by name is exact, as identifiers are. */
export const systemCollations: readonly SystemCollation[] = [
  defaultCollation,
  cCollation,
  byCodePoint(951, 'POSIX'),
  byCodePoint(12_340, 'ucs_basic'),
  byCodePoint(12_500, 'C.UTF-8'),
  byCodePoint(12_341, 'C.utf8'),
  byLanguage(963, 'unicode', 'und'),
  byLanguage(FIRST_ICU_OID, 'und-x-icu', 'und'),
  ...['en_US', 'en_US.utf8', 'en_US.UTF-8'].map((name, index) => byLanguage(12_510 + index, name, 'en-US')),
  ...LANGUAGES.map((locale, index) => byLanguage(FIRST_ICU_OID + 1 + index, `${locale}-x-icu`, locale)),
]

const BY_NAME = new Map(systemCollations.map((collation) => [collation.name, collation]))

/** By its exact name. */
export function findCollation(name: string): SystemCollation | undefined {
  return BY_NAME.get(name)
}
