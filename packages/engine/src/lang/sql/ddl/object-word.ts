/** What the grammar calls by another name than SQL does. */
const WORDS: Readonly<Record<string, string>> = {
  ACCESS_METHOD: 'ACCESS METHOD',
  DOMCONSTRAINT: 'CONSTRAINT ON DOMAIN',
  FDW: 'FOREIGN DATA WRAPPER',
  FOREIGN_SERVER: 'SERVER',
  LARGEOBJECT: 'LARGE OBJECT',
  MATVIEW: 'MATERIALIZED VIEW',
  OPCLASS: 'OPERATOR CLASS',
  OPFAMILY: 'OPERATOR FAMILY',
  STATISTIC_EXT: 'STATISTICS',
  TABCONSTRAINT: 'CONSTRAINT',
  TSCONFIGURATION: 'TEXT SEARCH CONFIGURATION',
  TSDICTIONARY: 'TEXT SEARCH DICTIONARY',
  TSPARSER: 'TEXT SEARCH PARSER',
  TSTEMPLATE: 'TEXT SEARCH TEMPLATE',
}

/** `OBJECT_MATVIEW` as SQL writes it. */
export function objectWord(type: string): string {
  const name = type.replace('OBJECT_', '')
  return WORDS[name] ?? name.replaceAll('_', ' ')
}
