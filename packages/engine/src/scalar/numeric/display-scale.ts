/** Digits after the point that a computation asks for at most. */
export const DISPLAY_SCALE_MAX = 1000

/** The scale that is shown: the wanted one, but no fewer digits than the arguments have, and not too many. */
export function displayScale(wanted: number, ...atLeast: readonly number[]): number {
  return Math.min(Math.max(wanted, 0, ...atLeast), DISPLAY_SCALE_MAX)
}
