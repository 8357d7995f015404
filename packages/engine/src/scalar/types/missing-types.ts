/** PostgreSQL's types that there are not here, by `typname`: asking for one is no mistake, but cannot be served. */
export const MISSING_TYPES: ReadonlySet<string> = new Set([
  ...['xml'],
  ...['point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle'],
  ...['tsvector', 'tsquery', 'gtsvector', 'regconfig', 'regdictionary'],
  ...['regcollation', 'pg_node_tree', 'pg_snapshot', 'txid_snapshot'],
])
