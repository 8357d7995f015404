// @ts-check
/** What can be called on both servers: functions, operators, aggregates, window functions and casts, by OID. */
import { LEFT_OUT, TYPES_LEFT_OUT } from './left-out.js'

/** @typedef {import('pg').Client} Client */
/**
 * @typedef {'function' | 'rows' | 'aggregate' | 'ordered-set' | 'window' | 'operator' | 'cast'} CallableKind
 * @typedef {{
 *   kind: CallableKind,
 *   name: string,
 *   parameters: readonly string[],
 *   result: string,
 *   isVariadic: boolean,
 *   defaults: number,
 * }} Callable
 */

const FUNCTIONS = `
  SELECT p.oid::int8::text AS oid, proname AS name, prokind AS kind, proretset AS rows, provariadic <> 0 AS variadic,
         pronargdefaults AS defaults, format_type(prorettype, NULL) AS result, a.aggkind,
         ARRAY(SELECT format_type(t, NULL) FROM unnest(proargtypes::oid[]) WITH ORDINALITY u(t, n) ORDER BY n) AS parameters
  FROM pg_proc p LEFT JOIN pg_aggregate a ON a.aggfnoid = p.oid
  WHERE pronamespace = 'pg_catalog'::regnamespace ORDER BY p.oid`
const OPERATORS = `
  SELECT oid::int8::text AS oid, oprname AS name, format_type(oprresult, NULL) AS result,
         CASE WHEN oprleft = 0 THEN ARRAY[]::text[] ELSE ARRAY[format_type(oprleft, NULL)] END || format_type(oprright, NULL) AS parameters
  FROM pg_operator ORDER BY oid`
const CASTS = `
  SELECT format_type(castsource, NULL) AS source, format_type(casttarget, NULL) AS result
  FROM pg_cast ORDER BY castsource, casttarget`

/** @param {Client} ours @param {Client} theirs @returns {Promise<readonly Callable[]>} */
export async function callablesOf(ours, theirs) {
  const known = async (/** @type {string} */ table) =>
    new Set((await ours.query(`SELECT oid::int8::text AS oid FROM ${table}`)).rows.map(({ oid }) => oid))
  const [knownFunctions, knownOperators] = [await known('pg_proc'), await known('pg_operator')]
  const functions = (await theirs.query(FUNCTIONS)).rows.filter(({ oid }) => knownFunctions.has(oid))
  const operators = (await theirs.query(OPERATORS)).rows.filter(({ oid }) => knownOperators.has(oid))
  const types = new Set(
    (await ours.query('SELECT format_type(oid, NULL) AS name FROM pg_type')).rows.map(({ name }) => name),
  )
  const casts = (await theirs.query(CASTS)).rows.filter(
    ({ source, result }) => types.has(source) && types.has(result),
  )
  const all = [
    ...functions.map((row) => ({ ...row, kind: kindOf(row), isVariadic: row.variadic })),
    ...operators.map((row) => ({ ...row, kind: 'operator', isVariadic: false, defaults: 0 })),
    ...casts.map(({ source, result }) => ({
      kind: 'cast',
      name: 'cast',
      parameters: [source],
      result,
      isVariadic: false,
      defaults: 0,
    })),
  ]
  return all
    .filter(({ kind, name }) => kind === 'cast' || !LEFT_OUT.some(([pattern]) => pattern.test(name)))
    .filter(({ parameters, result }) =>
      [...parameters, result].every((type) => !TYPES_LEFT_OUT.has(type.replace('[]', ''))),
    )
    .map(({ kind, name, parameters, result, isVariadic, defaults }) => ({
      kind,
      name,
      parameters,
      result,
      isVariadic,
      defaults,
    }))
}

/** @param {{ kind: string, rows: boolean, aggkind: string | null }} row @returns {CallableKind} */
function kindOf({ kind, rows, aggkind }) {
  if (kind === 'a') return aggkind === 'n' ? 'aggregate' : 'ordered-set'
  if (kind === 'w') return 'window'
  return rows ? 'rows' : 'function'
}
