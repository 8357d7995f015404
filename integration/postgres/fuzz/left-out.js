// @ts-check
/** What the generator does not draw, and what may differ, each with the reason. */

/**
 * Functions by name.
 * @type {readonly (readonly [RegExp, string])[]}
 */
export const LEFT_OUT = [
  [/^(d?cbrt|\|\|\/)$/, 'C libraries before 2025 round cube roots wrongly in the last digit'],
  [/^(random|setseed|gen_random_uuid)$/, 'random'],
  [/^(now|clock_timestamp|statement_timestamp|transaction_timestamp|timeofday|pg_sleep.*)$/, 'the clock'],
  [/^(nextval|currval|setval|lastval)$/, 'sequences have a state'],
  [
    /^pg_(?!typeof|size_pretty|size_bytes|client_encoding|char_to_encoding|encoding_to_char)/,
    'the catalog and the server, whose OIDs and settings differ',
  ],
  [
    /^(has_.*|row_security_active|current_.*|session_user|getpgusername|version|inet_.*|to_reg.*|format_type)$/,
    'the session and the catalog',
  ],
  [
    /^(set_config|col_description|obj_description|shobj_description|getdatabaseencoding|txid_.*|mxid_age|age)$/,
    'the session and the catalog',
  ],
  [
    /^(in_range|.*_support|.*hash.*|.*larger|.*smaller|.*send|.*recv|.*in|.*out|.*cmp)$/,
    'inside PostgreSQL only',
  ],
  [/^jsonb?_(populate_record|populate_recordset|to_record|to_recordset)(_valid)?$/, 'they need a row type'],
  [
    /^(suppress_redundant_updates_trigger|cash_.*|gin_.*|ts_.*|.*tsquery.*|.*tsvector.*)$/,
    'types that there are not',
  ],
]

/** Types whose values name things of the catalog or the server. */
export const TYPES_LEFT_OUT = new Set([
  ...[
    'cstring',
    'internal',
    'xid',
    'xid8',
    'cid',
    'tid',
    'pg_lsn',
    'refcursor',
    'trigger',
    'void',
    'regclass',
    'regproc',
  ],
  ...['regtype', 'regnamespace', 'regrole', 'regprocedure', 'int2vector', 'oidvector', 'unknown', 'aclitem'],
])

/** Errors that a value causes; which one of several in a statement is met depends on the order of evaluation. */
const DATA_ERROR = /^(20|22|2F|0A000|XX000|42601|42704|42804|42846|54000)/

/**
 * What may differ between the servers' answers to one statement. Each names its reason.
 * @type {readonly {
 *   reason: string,
 *   test: (asked: { sql: string, ours: string, theirs: string, kind: string }) => boolean,
 * }[]}
 */
export const ACCEPTED = [
  {
    reason: 'there is no such feature yet, and the message says so',
    test: ({ ours }) => ours.startsWith('0A000'),
  },
  {
    reason: 'a statement that one of the servers gave up for its time',
    test: ({ ours, theirs }) => ours.startsWith('57014') || theirs.startsWith('57014'),
  },
  {
    reason:
      'the order of evaluation: one stops at an error, the other at another one, or at a null that makes it needless',
    test: ({ sql, ours, theirs, kind }) =>
      kind === 'nested' &&
      (DATA_ERROR.test(ours)
        ? DATA_ERROR.test(theirs) || isNull(theirs) || CHOOSES.test(sql)
        : DATA_ERROR.test(theirs) && (isNull(ours) || CHOOSES.test(sql))),
  },
  {
    reason:
      'trigonometry and powers of arbitrary numbers: the C library is wrong in the last digit for one in a thousand, Orbit rounds correctly',
    test: ({ sql, ours, theirs, kind }) =>
      kind === 'nested' && ELEMENTARY.test(sql) && isNearly(ours, theirs),
  },
  {
    reason: 'PostgreSQL 15 shows a byte above 127 of the type "char" as it is, which is no text',
    test: ({ sql, kind }) => kind === 'nested' && /"char"/.test(sql),
  },
  {
    reason:
      'which row meets a constraint first: Orbit looks at all rows for nulls, and at keys when all are changed',
    test: ({ ours, theirs, kind }) =>
      kind === 'queries' &&
      theirs.startsWith('23505') &&
      (!/^[0-9A-Z]{5}/.test(ours) || ours.startsWith('23')),
  },
]

const ELEMENTARY = /(sin|cos|tan|cot|exp|ln|log|pow|sinh|cosh|tanh|\^)/

/** Whether numbers differ in the sixteenth digit at most, and nothing else does. @param {string} a @param {string} b */
function isNearly(a, b) {
  const numbers = /-?\d+(\.\d+)?(e[+-]\d+)?/g
  if (a.replace(numbers, '#') !== b.replace(numbers, '#')) return false
  const [x, y] = [a, b].map((text) => (text.match(numbers) ?? []).map(Number))
  return (x ?? []).every((value, index) => Math.abs(value - (y?.[index] ?? 0)) <= Math.abs(value) * 1e-15)
}

/** What need not compute all of its parts. */
const CHOOSES =
  /CASE|COALESCE|NULLIF|GREATEST|LEAST| AND | OR | ANY | ALL | IN |concat|format|array|build|num_(non)?nulls/

/** @param {string} text */
const isNull = (text) => /\n(∅|)$/.test(text) || !text.includes('\n')
