/** What CREATE EXTENSION takes, with the versions whose functions are there. */
export const EXTENSIONS: Readonly<Record<string, { readonly version: string; readonly comment: string }>> = {
  orbit: { version: '1.0', comment: 'collections, graphs, vectors and series as tables' },
  plpgsql: { version: '1.0', comment: 'PL/pgSQL procedural language' },
  vector: { version: '0.8.0', comment: 'vector data type and ivfflat and hnsw access methods' },
  pgcrypto: { version: '1.3', comment: 'cryptographic functions' },
  'uuid-ossp': { version: '1.1', comment: 'generate universally unique identifiers (UUIDs)' },
}

/** Those that are always there. */
export const FIXED_EXTENSIONS: ReadonlySet<string> = new Set(['orbit', 'plpgsql'])
