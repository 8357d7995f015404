import { SqlArray } from '../../array/sql-array.js'
import { queryError } from '../../condition.js'
import type { Row } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import { table } from '../define/table-function.js'
import type { AnyFunction } from '../function.js'
import { matcherWithFlags } from './regex-cache.js'
import { globalRefused, regexMatchFunctions } from './regex-match-functions.js'
import type { RegexMatch } from './regex-matcher.js'
import { parseReplacement, replacementFor } from './regex-replace.js'
import { RegexSubject } from './regex-subject.js'

/** The texts of all groups, or of the whole where there are none. */
function groupTexts(subject: RegexSubject, match: RegexMatch): SqlArray {
  return new SqlArray(
    match.groups.length === 0 ? [subject.textOf(match)] : match.groups.map((group) => subject.textOf(group)),
  )
}

function regexpMatch(_: unknown, text: string, pattern: string, flags = ''): SqlArray | null {
  const { matcher } = matcherWithFlags(pattern, flags, () =>
    queryError('invalid_parameter_value', 'regexp_match() does not support the "global" option', {
      hint: 'Use the regexp_matches function instead.',
    }),
  )
  const subject = new RegexSubject(text)
  const match = matcher.find(subject.codes, 0)
  return match === undefined ? null : groupTexts(subject, match)
}

function* regexpMatches(_: unknown, text: string, pattern: string, flags = ''): Iterable<Row> {
  const { matcher, isGlobal } = matcherWithFlags(pattern, flags)
  const subject = new RegexSubject(text)
  for (const match of subject.matches(matcher)) {
    yield [groupTexts(subject, match)]
    if (!isGlobal) return
  }
}

function* split(functionName: string, text: string, pattern: string, flags: string): Iterable<string> {
  const { matcher } = matcherWithFlags(pattern, flags, () => globalRefused(functionName))
  const subject = new RegexSubject(text)
  let from = 0
  for (const match of subject.separators(matcher)) {
    yield subject.slice(from, match.start)
    from = match.end
  }
  yield subject.slice(from, subject.codes.length)
}

function splitToArray(_: unknown, text: string, pattern: string, flags = ''): SqlArray {
  return new SqlArray([...split('regexp_split_to_array', text, pattern, flags)])
}

function* splitToTable(_: unknown, text: string, pattern: string, flags = ''): Iterable<Row> {
  for (const part of split('regexp_split_to_table', text, pattern, flags)) yield [part]
}

/** Replaces the match of that number (from 1; 0: all) among those that begin at `from` (from 0) or later. */
function replaceMatches(
  text: string,
  pattern: string,
  replacementText: string,
  from: number,
  number: number,
  flags: string,
): string {
  const { matcher } = matcherWithFlags(pattern, flags)
  const subject = new RegexSubject(text)
  const replacement = parseReplacement(replacementText)
  let result = ''
  let copied = 0
  let count = 0
  for (const match of subject.matches(matcher, from)) {
    if (++count < number) continue
    result += subject.slice(copied, match.start) + replacementFor(replacement, subject, match)
    copied = match.end
    if (number > 0) break
  }
  return result + subject.slice(copied, subject.codes.length)
}

function regexpReplace(_: unknown, text: string, pattern: string, by: string, flags = ''): string {
  // A number here is meant as a position, and only looks like flags.
  if (/^\d/.test(flags)) {
    throw queryError('invalid_parameter_value', `invalid regular expression option: "${flags.charAt(0)}"`, {
      hint: 'If you meant to use regexp_replace() with a start parameter, cast the fourth argument to integer explicitly.',
    })
  }
  return replaceMatches(text, pattern, by, 0, flags.includes('g') ? 0 : 1, flags)
}

function regexpReplaceFrom(
  _: unknown,
  text: string,
  pattern: string,
  by: string,
  start: number,
  number?: number,
  flags = '',
): string {
  requirePositive('start', start)
  if (number !== undefined) requireNotNegative('n', number)
  // As a number of matches is given, the flag has nothing to say.
  const count = number ?? (flags.includes('g') ? 0 : 1)
  return replaceMatches(text, pattern, by, start - 1, count, flags)
}

function requirePositive(name: string, value: number): void {
  if (value <= 0) throw invalidParameter(name, value)
}

function requireNotNegative(name: string, value: number): void {
  if (value < 0) throw invalidParameter(name, value)
}

function invalidParameter(name: string, value: number): Error {
  return queryError('invalid_parameter_value', `invalid value for parameter "${name}": ${value}`)
}

function regexpCount(_: unknown, text: string, pattern: string, start = 1, flags = ''): number {
  requirePositive('start', start)
  const { matcher } = matcherWithFlags(pattern, flags, () => globalRefused('regexp_count'))
  let count = 0
  for (const match of new RegexSubject(text).matches(matcher, start - 1)) if (match !== undefined) count++
  return count
}

function nthMatch(
  functionName: string,
  subject: RegexSubject,
  pattern: string,
  start: number,
  number: number,
  flags: string,
): RegexMatch | undefined {
  const { matcher } = matcherWithFlags(pattern, flags, () => globalRefused(functionName))
  let count = 0
  for (const match of subject.matches(matcher, start - 1)) if (++count === number) return match
  return undefined
}

function regexpPosition(
  _: unknown,
  text: string,
  pattern: string,
  start = 1,
  number = 1,
  endOption = 0,
  flags = '',
  group = 0,
): number {
  requirePositive('start', start)
  requirePositive('n', number)
  if (endOption !== 0 && endOption !== 1) throw invalidParameter('endoption', endOption)
  requireNotNegative('subexpr', group)
  const match = nthMatch('regexp_instr', new RegexSubject(text), pattern, start, number, flags)
  const range = group === 0 ? match : match?.groups[group - 1]
  return range === undefined ? 0 : (endOption === 1 ? range.end : range.start) + 1
}

function regexpSubstring(
  _: unknown,
  text: string,
  pattern: string,
  start = 1,
  number = 1,
  flags = '',
  group = 0,
): string | null {
  requirePositive('start', start)
  requirePositive('n', number)
  requireNotNegative('subexpr', group)
  const subject = new RegexSubject(text)
  const match = nthMatch('regexp_substr', subject, pattern, start, number, flags)
  return subject.textOf(group === 0 ? match : match?.groups[group - 1])
}

/** Functions of POSIX's regular expressions. */
export const regexFunctions: readonly AnyFunction[] = [
  ...regexMatchFunctions,
  scalar('3396 regexp_match(text,text) _text', regexpMatch),
  scalar('3397 regexp_match(text,text,text) _text', regexpMatch),
  table('2763 regexp_matches(text,text) _text', regexpMatches),
  table('2764 regexp_matches(text,text,text) _text', regexpMatches),
  scalar('2767 regexp_split_to_array(text,text) _text', splitToArray),
  scalar('2768 regexp_split_to_array(text,text,text) _text', splitToArray),
  table('2765 regexp_split_to_table(text,text) text', splitToTable),
  table('2766 regexp_split_to_table(text,text,text) text', splitToTable),
  scalar('2284 regexp_replace(text,text,text) text', regexpReplace),
  scalar('2285 regexp_replace(text,text,text,text) text', regexpReplace),
  scalar('6253 regexp_replace(text,text,text,int4) text', regexpReplaceFrom),
  scalar('6252 regexp_replace(text,text,text,int4,int4) text', regexpReplaceFrom),
  scalar('6251 regexp_replace(text,text,text,int4,int4,text) text', regexpReplaceFrom),
  scalar('6254 regexp_count(text,text) int4', regexpCount),
  scalar('6255 regexp_count(text,text,int4) int4', regexpCount),
  scalar('6256 regexp_count(text,text,int4,text) int4', regexpCount),
  scalar('6257 regexp_instr(text,text) int4', regexpPosition),
  scalar('6258 regexp_instr(text,text,int4) int4', regexpPosition),
  scalar('6259 regexp_instr(text,text,int4,int4) int4', regexpPosition),
  scalar('6260 regexp_instr(text,text,int4,int4,int4) int4', regexpPosition),
  scalar('6261 regexp_instr(text,text,int4,int4,int4,text) int4', regexpPosition),
  scalar('6262 regexp_instr(text,text,int4,int4,int4,text,int4) int4', regexpPosition),
  scalar('6265 regexp_substr(text,text) text', regexpSubstring),
  scalar('6266 regexp_substr(text,text,int4) text', regexpSubstring),
  scalar('6267 regexp_substr(text,text,int4,int4) text', regexpSubstring),
  scalar('6268 regexp_substr(text,text,int4,int4,text) text', regexpSubstring),
  scalar('6269 regexp_substr(text,text,int4,int4,text,int4) text', regexpSubstring),
]
