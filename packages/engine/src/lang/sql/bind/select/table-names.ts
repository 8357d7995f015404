/** All names of tables without a schema in a tree. */
export function tableNames(tree: unknown, into: Set<string> = new Set()): Set<string> {
  if (typeof tree !== 'object' || tree === null) return into
  if (Array.isArray(tree)) {
    for (const member of tree) tableNames(member, into)
    return into
  }
  for (const [key, member] of Object.entries(tree)) {
    if (key === 'RangeVar') addName(member, into)
    else tableNames(member, into)
  }
  return into
}

function addName(node: unknown, into: Set<string>): void {
  if (typeof node !== 'object' || node === null || 'schemaname' in node || !('relname' in node)) return
  if (typeof node.relname === 'string') into.add(node.relname)
}
