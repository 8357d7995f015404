/** PostgreSQL's types that there are not here, by `typname`: asking for one is no mistake, but cannot be served. */
export const MISSING_TYPES: ReadonlySet<string> = new Set([
  ...['xml', 'money', 'bit', 'varbit', 'inet', 'cidr', 'macaddr', 'macaddr8'],
  ...['point', 'line', 'lseg', 'box', 'path', 'polygon', 'circle'],
  ...['tsvector', 'tsquery', 'gtsvector', 'regconfig', 'regdictionary'],
  ...['int4range', 'int8range', 'numrange', 'tsrange', 'tstzrange', 'daterange'],
  ...[
    'int4multirange',
    'int8multirange',
    'nummultirange',
    'tsmultirange',
    'tstzmultirange',
    'datemultirange',
  ],
  ...['regoper', 'regoperator', 'regcollation', 'pg_node_tree', 'pg_snapshot', 'txid_snapshot'],
])
