import { Jsonb } from '../../json/jsonb.js'
import { pathExists, pathMatches, pathOf, queryPath, type PathOptions } from '../../json/path/query-path.js'
import type { Row } from '../../value.js'
import { scalar } from '../define/scalar-function.js'
import { table } from '../define/table-function.js'
import type { AnyFunction } from '../function.js'

const PARAMETERS = 'target jsonb,path jsonpath,vars jsonb,silent bool'
const DEFAULTS = { defaults: [new Jsonb(new Map()), false] }

function options(variables: Jsonb, isSilent: boolean): PathOptions {
  return { variables: variables.root, isSilent }
}

function exists(
  _: unknown,
  { root }: Jsonb,
  path: string,
  variables: Jsonb,
  isSilent: boolean,
): boolean | null {
  return pathExists(pathOf(path), root, options(variables, isSilent)) ?? null
}

function matches(
  _: unknown,
  { root }: Jsonb,
  path: string,
  variables: Jsonb,
  isSilent: boolean,
): boolean | null {
  return pathMatches(pathOf(path), root, options(variables, isSilent)) ?? null
}

function* query(
  _: unknown,
  { root }: Jsonb,
  path: string,
  variables: Jsonb,
  isSilent: boolean,
): Iterable<Row> {
  for (const item of queryPath(pathOf(path), root, options(variables, isSilent))) yield [new Jsonb(item)]
}

function queryArray(_: unknown, { root }: Jsonb, path: string, variables: Jsonb, isSilent: boolean): Jsonb {
  return new Jsonb(queryPath(pathOf(path), root, options(variables, isSilent)))
}

function queryFirst(
  _: unknown,
  { root }: Jsonb,
  path: string,
  variables: Jsonb,
  isSilent: boolean,
): Jsonb | null {
  const [first] = queryPath(pathOf(path), root, options(variables, isSilent))
  return first === undefined ? null : new Jsonb(first)
}

/** Functions of `jsonpath`. Those named `…_tz` may look at the session's time zone, which no path here does. */
export const jsonPathFunctions: readonly AnyFunction[] = [
  scalar(`4005 jsonb_path_exists(${PARAMETERS}) bool`, exists, DEFAULTS),
  scalar(`1177 jsonb_path_exists_tz(${PARAMETERS}) bool stable`, exists, DEFAULTS),
  scalar(
    '4010 jsonb_path_exists_opr(jsonb,jsonpath) bool',
    (_, { root }: Jsonb, path: string) => pathExists(pathOf(path), root, { isSilent: true }) ?? null,
  ),
  scalar(`4009 jsonb_path_match(${PARAMETERS}) bool`, matches, DEFAULTS),
  scalar(`2030 jsonb_path_match_tz(${PARAMETERS}) bool stable`, matches, DEFAULTS),
  scalar(
    '4011 jsonb_path_match_opr(jsonb,jsonpath) bool',
    (_, { root }: Jsonb, path: string) => pathMatches(pathOf(path), root, { isSilent: true }) ?? null,
  ),
  table(`4006 jsonb_path_query(${PARAMETERS}) jsonb`, query, DEFAULTS),
  table(`1179 jsonb_path_query_tz(${PARAMETERS}) jsonb stable`, query, DEFAULTS),
  scalar(`4007 jsonb_path_query_array(${PARAMETERS}) jsonb`, queryArray, DEFAULTS),
  scalar(`1180 jsonb_path_query_array_tz(${PARAMETERS}) jsonb stable`, queryArray, DEFAULTS),
  scalar(`4008 jsonb_path_query_first(${PARAMETERS}) jsonb`, queryFirst, DEFAULTS),
  scalar(`2023 jsonb_path_query_first_tz(${PARAMETERS}) jsonb stable`, queryFirst, DEFAULTS),
]
