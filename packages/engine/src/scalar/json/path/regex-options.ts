import { DEFAULT_OPTIONS, type RegexOptions } from '../../functions/regex/regex-options.js'

/** What the flags of `like_regex` mean; they are XQuery's. */
export function regexOptions(flags: string): RegexOptions {
  const isLiteral = flags.includes('q')
  return {
    ...DEFAULT_OPTIONS,
    isCaseIgnored: flags.includes('i'),
    stopsAtNewline: !isLiteral && !flags.includes('s'),
    anchorsAtLines: !isLiteral && flags.includes('m'),
    syntax: isLiteral ? 'literal' : 'advanced',
  }
}
