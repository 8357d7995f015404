/** The part of a statement that an expression stands in, and what is not allowed there, in the words of errors. */
export type Clause = keyof typeof CLAUSES

interface ClauseRules {
  /** How errors call the clause. */
  readonly name: string
  readonly aggregates?: true
  readonly windows?: true
  readonly sets?: true
  /** Set where subqueries are refused: `cannot use subquery in …`. */
  readonly noSubqueries?: string
  /** Set where columns are refused: `cannot use column reference in …`. */
  readonly noColumns?: string
}

const CLAUSES = {
  'join condition': { name: 'JOIN conditions' },
  'from function': { name: 'functions in FROM' },
  where: { name: 'WHERE' },
  having: { name: 'HAVING', aggregates: true },
  filter: { name: 'FILTER' },
  'window partition': { name: 'window definitions', aggregates: true, sets: true },
  'window order': { name: 'window definitions', aggregates: true, sets: true },
  'window rows': { name: 'window ROWS' },
  'window range': { name: 'window RANGE' },
  'window groups': { name: 'window GROUPS' },
  select: { name: 'SELECT', aggregates: true, windows: true, sets: true },
  'insert target': { name: 'INSERT', sets: true },
  'update source': { name: 'UPDATE' },
  'update target': { name: 'UPDATE' },
  'merge when': { name: 'MERGE WHEN conditions' },
  'group by': { name: 'GROUP BY', sets: true },
  'order by': { name: 'ORDER BY', aggregates: true, windows: true, sets: true },
  'distinct on': { name: 'DISTINCT ON', aggregates: true, windows: true, sets: true },
  limit: { name: 'LIMIT' },
  offset: { name: 'OFFSET' },
  returning: { name: 'RETURNING' },
  values: { name: 'VALUES' },
  'single values': { name: 'VALUES', sets: true },
  check: { name: 'check constraints', noSubqueries: 'check constraint' },
  default: {
    name: 'DEFAULT expressions',
    noSubqueries: 'DEFAULT expression',
    noColumns: 'DEFAULT expression',
  },
  'index expression': { name: 'index expressions', noSubqueries: 'index expression' },
  'index predicate': { name: 'index predicates', noSubqueries: 'index predicate' },
  generated: { name: 'column generation expressions', noSubqueries: 'column generation expression' },
  transform: { name: 'transform expressions', noSubqueries: 'transform expression' },
  execute: { name: 'EXECUTE parameters', noSubqueries: 'EXECUTE parameter' },
  copy: { name: 'COPY FROM WHERE conditions', noSubqueries: 'COPY FROM WHERE condition' },
} as const satisfies Record<string, ClauseRules>

export function rulesOf(clause: Clause): ClauseRules {
  return CLAUSES[clause]
}
