import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import type { Env } from '@orbit-ts/base'

/** Two start times this close are of the same start: the clocks that they are computed from drift. */
const TOLERANCE_MS = 10_000

/** What tells this start of the machine from others, in at most 64 characters. */
export function bootIdentity(env: Env): string {
  try {
    return `id ${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}`
  } catch {
    // Only Linux has that file.
    return `at ${Math.round(env.clock.nowMs() - uptime() * 1000)}`
  }
}

/** True when the machine was not started again between the two. */
export function isSameBoot(a: string, b: string): boolean {
  const [kindA, valueA] = a.split(' ')
  const [kindB, valueB] = b.split(' ')
  if (kindA !== 'at' || kindB !== 'at') return a === b
  return Math.abs(Number(valueA) - Number(valueB)) < TOLERANCE_MS
}
