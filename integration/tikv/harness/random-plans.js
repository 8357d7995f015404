// @ts-check
/** The random plans of the client's own tests, and their judge: they are in its build but no part of its package. */

/** @param {string} name */
const load = (name) =>
  import(new URL(`../../../packages/tikv/dist/coprocessor/dag/${name}.js`, import.meta.url).href)

/** @type {typeof import('../../../packages/tikv/dist/coprocessor/dag/judge-plan.fake.js')} */
export const { judgePlan, runPlan, writeRows } = await load('judge-plan.fake')
/** @type {typeof import('../../../packages/tikv/dist/coprocessor/dag/random-plans.test.data.js')} */
export const { COLUMNS, planArbitrary, rowsArbitrary, tableOf } = await load('random-plans.test.data')
/** @type {typeof import('../../../packages/tikv/dist/coprocessor/dag/stored-table.fake.js')} */
export const { rowKey, rowsRange } = await load('stored-table.fake')
