// @ts-check
import { setTimeout as sleep } from 'node:timers/promises'

/**
 * Waits for something that other processes bring about.
 * @param {() => boolean | Promise<boolean>} holds
 * @param {string} what  for the message of the failure
 */
export async function eventually(holds, what, timeoutMs = 30_000) {
  const deadline = Date.now() + timeoutMs
  while (!(await holds())) {
    if (Date.now() > deadline) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await sleep(10)
  }
}
