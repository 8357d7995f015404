// @ts-check
/** How benchmarks measure and print. Ours and the rival's runs alternate, so that what disturbs one disturbs both. */

/**
 * @typedef {{ name: string, ours: () => Promise<unknown> | unknown, rival: () => Promise<unknown> | unknown, per: number }} Contest
 *   `per`: operations in one run.
 * @typedef {{ min: number, median: number }} Times  microseconds per operation
 */

/**
 * @param {() => Promise<unknown> | unknown} run
 * @param {number} per
 */
async function once(run, per) {
  const started = performance.now()
  await run()
  return ((performance.now() - started) * 1000) / per
}

/**
 * @param {number[]} times
 * @returns {Times}
 */
export function summary(times) {
  const sorted = times.toSorted((a, b) => a - b)
  return { min: sorted[0] ?? NaN, median: sorted[Math.floor(sorted.length / 2)] ?? NaN }
}

/**
 * @param {Contest} contest
 * @param {number} rounds
 * @returns {Promise<{ name: string, ours: Times, rival: Times }>}
 */
export async function contest({ name, ours, rival, per }, rounds = 9) {
  /** @type {number[]} */
  const ourTimes = []
  /** @type {number[]} */
  const rivalTimes = []
  await ours()
  await rival()
  for (let round = 0; round < rounds; round++) {
    // Whoever goes first meets a colder cache, so they take turns.
    if (round % 2 === 0) ourTimes.push(await once(ours, per))
    rivalTimes.push(await once(rival, per))
    if (round % 2 === 1) ourTimes.push(await once(ours, per))
  }
  return { name, ours: summary(ourTimes), rival: summary(rivalTimes) }
}

/** @param {string[][]} rows  the first one is the head */
export function printTable(rows) {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  const line = (/** @type {string[]} */ row) =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`
  const [head = [], ...rest] = rows
  console.log(line(head))
  console.log(`|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  for (const row of rest) console.log(line(row))
}

/** @param {number} value */
export const micros = (value) => (value < 10 ? value.toFixed(2) : value.toFixed(1))

/**
 * Prints ours / rival: below 1 Orbit is faster.
 * @param {{ name: string, ours: Times, rival: Times }[]} results
 */
export function printRatios(results) {
  printTable([
    ['operation', 'ours min / median µs', 'rival min / median µs', 'ratio of minima', 'ratio of medians'],
    ...results.map(({ name, ours, rival }) => [
      name,
      `${micros(ours.min)} / ${micros(ours.median)}`,
      `${micros(rival.min)} / ${micros(rival.median)}`,
      (ours.min / rival.min).toFixed(2),
      (ours.median / rival.median).toFixed(2),
    ]),
  ])
}
