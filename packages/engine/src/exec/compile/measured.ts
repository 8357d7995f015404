import type { PhysicalPlan } from '../../plan/physical-plan.js'
import type { OperatorCounters } from '../compiled-plan.js'
import type { Batches, Operator, Run } from '../run.js'

/** The operator with its work counted, in runs that ask for it. */
export function measured(plan: PhysicalPlan, operator: Operator): Operator {
  return (run) =>
    run.counters === undefined ? operator(run) : count(run, countersOf(plan, run.counters), operator)
}

function countersOf(plan: PhysicalPlan, all: Map<PhysicalPlan, OperatorCounters>): OperatorCounters {
  let counters = all.get(plan)
  if (counters === undefined) {
    counters = {
      rows: 0,
      loops: 0,
      startupMs: 0,
      totalMs: 0,
      memoryPeakBytes: 0,
      spilledBytes: 0,
      removedRows: 0,
    }
    all.set(plan, counters)
  }
  return counters
}

async function* count(run: Run, counters: OperatorCounters, operator: Operator): Batches {
  const { clock } = run.scalar.env
  const isFirst = counters.loops === 0
  counters.loops++
  let hasStarted = false
  let beganMs = clock.monotonicMs()
  const pause = (): void => {
    const ms = clock.monotonicMs() - beganMs
    counters.totalMs += ms
    if (isFirst && !hasStarted) counters.startupMs += ms
    hasStarted = true
  }
  const batches = operator(run)
  try {
    for await (const batch of batches) {
      pause()
      counters.rows += batch.length
      yield batch
      beganMs = clock.monotonicMs()
    }
    pause()
  } finally {
    // Its own clean-up has to have ended before what is above goes on.
    await batches.return()
  }
}
