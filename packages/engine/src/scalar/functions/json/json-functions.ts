import type { AnyFunction } from '../function.js'
import { jsonAccess } from './json-access.js'
import { jsonBuilding } from './json-building.js'
import { jsonPathFunctions } from './json-path-functions.js'
import { jsonRecords } from './json-records.js'
import { jsonbAccess } from './jsonb-access.js'
import { jsonbChange } from './jsonb-change.js'
import { jsonbContainment } from './jsonb-containment.js'

/** Functions of `json` and `jsonb`. */
export const jsonFunctions: readonly AnyFunction[] = [
  ...jsonAccess,
  ...jsonbAccess,
  ...jsonbContainment,
  ...jsonbChange,
  ...jsonBuilding,
  ...jsonRecords,
  ...jsonPathFunctions,
]
