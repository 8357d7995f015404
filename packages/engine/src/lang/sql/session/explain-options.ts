import { queryError, unsupported } from '../../../scalar/condition.js'
import { stringOf, type ExplainStmt, type Node } from '../parse/tree.js'

export type ExplainFormat = 'text' | 'json'

export interface ExplainOptions {
  readonly format: ExplainFormat
  /** The statement is run, and what its operators did is shown. */
  readonly analyze: boolean
  readonly verbose: boolean
  readonly costs: boolean
  readonly timing: boolean
  readonly summary: boolean
  readonly buffers: boolean
  readonly settings: boolean
}

/** @throws syntax_error, invalid_parameter_value as PostgreSQL words them */
export function explainOptions(statement: ExplainStmt): ExplainOptions {
  const given = new Map<string, string | true>()
  for (const option of statement.options ?? []) {
    if ('DefElem' in option) given.set(option.DefElem.defname ?? '', textOf(option.DefElem.arg))
  }
  for (const name of given.keys()) {
    if (!KNOWN.includes(name)) throw queryError('syntax_error', `unrecognized EXPLAIN option "${name}"`)
  }
  const analyze = flag(given, 'analyze', false)
  const timing = flag(given, 'timing', analyze)
  if (timing && !analyze)
    throw queryError('invalid_parameter_value', 'EXPLAIN option TIMING requires ANALYZE')
  if (flag(given, 'wal', false) && !analyze)
    throw queryError('invalid_parameter_value', 'EXPLAIN option WAL requires ANALYZE')
  return {
    format: formatOf(given.get('format')),
    analyze,
    verbose: flag(given, 'verbose', false),
    costs: flag(given, 'costs', true),
    timing,
    summary: flag(given, 'summary', analyze),
    buffers: flag(given, 'buffers', false),
    settings: flag(given, 'settings', false),
  }
}

export function explainFormat(statement: ExplainStmt): ExplainFormat {
  return explainOptions(statement).format
}

const KNOWN = ['analyze', 'verbose', 'costs', 'buffers', 'settings', 'wal', 'timing', 'summary', 'format']

function formatOf(value: string | true | undefined): ExplainFormat {
  if (value === undefined || value === 'text') return 'text'
  if (value === 'json') return 'json'
  if (value === 'xml' || value === 'yaml') throw unsupported(`EXPLAIN (FORMAT ${value.toUpperCase()})`)
  throw queryError(
    'invalid_parameter_value',
    `unrecognized value for EXPLAIN option "format": "${String(value)}"`,
  )
}

function flag(given: ReadonlyMap<string, string | true>, name: string, fallback: boolean): boolean {
  const value = given.get(name)
  if (value === undefined) return fallback
  if (value === true || ['true', 'on', '1'].includes(value.toLowerCase())) return true
  if (['false', 'off', '0'].includes(value.toLowerCase())) return false
  throw queryError('syntax_error', `${name} requires a Boolean value`)
}

function textOf(node: Node | undefined): string | true {
  if (node === undefined) return true
  if ('Integer' in node) return String(node.Integer.ival ?? 0)
  if ('Boolean' in node) return String(node.Boolean.boolval ?? false)
  return stringOf(node) ?? true
}
