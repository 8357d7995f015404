import { runHistory } from './history-run.js'

const SHOWN_MAX = 10

/**
 * Runs the history of a seed.
 * @returns Undefined when all was well; otherwise what was wrong, and how to see it again.
 */
export async function checkSeed(seed: number): Promise<string | undefined> {
  const { plan, anomalies, faults, virtualMs } = await runHistory(seed)
  if (anomalies.length === 0) return undefined
  const { workload, level, modes } = plan
  const shown = anomalies.slice(0, SHOWN_MAX).map(({ kind, detail }) => `  ${kind}: ${detail}`)
  return [
    `seed ${seed}: ${workload.name}, ${level}, ${modes.join(' and ')}, ${faults.length} faults in ${virtualMs} ms of virtual time, ${anomalies.length} anomalies:`,
    ...shown,
    `again: SEED=${seed} node --test packages/tikv/dist/testing/histories/histories.test.js`,
  ].join('\n')
}
