/** A mix of writes and reads, by its name on the command line. */
export type WorkloadName = 'write-heavy' | 'read-heavy' | 'mixed'

/** Writes among ten operations. */
const WRITES_OF_TEN: Readonly<Record<WorkloadName, number>> = { 'write-heavy': 8, 'read-heavy': 2, mixed: 5 }

export const WORKLOADS = Object.keys(WRITES_OF_TEN) as readonly WorkloadName[]

/** Whether the operation with this number, from 0, is a write: of any ten in a row, spread evenly, the mix's share is. */
export function isWrite(workload: WorkloadName, number: number): boolean {
  const writes = WRITES_OF_TEN[workload]
  return ((number * writes) % 10) + writes >= 10
}
