import { queryError } from '../../condition.js'
import { bound, scalar, type TypedImplementation } from '../define/scalar-function.js'
import type { ScalarFunction } from '../function.js'
import { matcherFor, matcherWithFlags } from './regex-cache.js'
import type { RegexMatcher } from './regex-matcher.js'
import { DEFAULT_OPTIONS, type RegexOptions } from './regex-options.js'
import { RegexSubject } from './regex-subject.js'
import { similarToRegex } from './similar-pattern.js'

/** Binds a test; the last expression is kept, as it mostly is the same for all rows. */
function tester(options: RegexOptions, isNegated: boolean): () => TypedImplementation {
  return () => {
    let lastPattern: string | undefined
    let matcher: RegexMatcher | undefined
    return (_, text: string, pattern: string) => {
      if (matcher === undefined || pattern !== lastPattern) {
        matcher = matcherFor(pattern, options)
        lastPattern = pattern
      }
      return matcher.test(text) !== isNegated
    }
  }
}

const IGNORING_CASE = { ...DEFAULT_OPTIONS, isCaseIgnored: true }
const matches = tester(DEFAULT_OPTIONS, false)
const matchesNot = tester(DEFAULT_OPTIONS, true)
const matchesAnyCase = tester(IGNORING_CASE, false)
const matchesNotAnyCase = tester(IGNORING_CASE, true)

/** What the first group has matched, or without groups the whole; null without a match. */
function substringByRegex(text: string, pattern: string): string | null {
  const matcher = matcherFor(pattern, DEFAULT_OPTIONS)
  const subject = new RegexSubject(text)
  const match = matcher.find(subject.codes, 0)
  if (match === undefined) return null
  return matcher.groupCount > 0 ? subject.textOf(match.groups[0]) : subject.textOf(match)
}

function isLike(_: unknown, text: string, pattern: string, flags = ''): boolean {
  const { matcher } = matcherWithFlags(pattern, flags, () => globalRefused('regexp_like'))
  return matcher.test(text)
}

/** The error of functions that look for one match, or take its number as an argument. */
export function globalRefused(functionName: string): Error {
  return queryError('invalid_parameter_value', `${functionName}() does not support the "global" option`)
}

export const regexMatchFunctions: readonly ScalarFunction[] = [
  bound('1254 textregexeq(text,text) bool', matches),
  bound('1256 textregexne(text,text) bool', matchesNot),
  bound('1238 texticregexeq(text,text) bool', matchesAnyCase),
  bound('1239 texticregexne(text,text) bool', matchesNotAnyCase),
  bound('79 nameregexeq(name,text) bool', matches),
  bound('1252 nameregexne(name,text) bool', matchesNot),
  bound('1240 nameicregexeq(name,text) bool', matchesAnyCase),
  bound('1241 nameicregexne(name,text) bool', matchesNotAnyCase),
  bound('1658 bpcharregexeq(bpchar,text) bool', matches),
  bound('1659 bpcharregexne(bpchar,text) bool', matchesNot),
  bound('1656 bpcharicregexeq(bpchar,text) bool', matchesAnyCase),
  bound('1657 bpcharicregexne(bpchar,text) bool', matchesNotAnyCase),
  scalar('6263 regexp_like(text,text) bool', isLike),
  scalar('6264 regexp_like(text,text,text) bool', isLike),
  scalar('2073 substring(text,text) text', (_, text: string, pattern: string) =>
    substringByRegex(text, pattern),
  ),
  scalar('2074 substring(text,text,text) text', (_, text: string, pattern: string, escape: string) =>
    substringByRegex(text, similarToRegex(pattern, escape)),
  ),
  scalar('1986 similar_to_escape(text,text) text', (_, pattern: string, escape: string) =>
    similarToRegex(pattern, escape),
  ),
  scalar('1987 similar_to_escape(text) text', (_, pattern: string) => similarToRegex(pattern, '\\')),
  scalar(
    '1623 similar_escape(text,text) text nullable',
    (_, pattern: string | null, escape: string | null) =>
      pattern === null ? null : similarToRegex(pattern, escape ?? '\\'),
  ),
]
