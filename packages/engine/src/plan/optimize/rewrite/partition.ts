/** The elements that pass a test, and those that do not. */
export function partition<T>(list: readonly T[], test: (element: T) => boolean): [T[], T[]] {
  const passed: T[] = []
  const failed: T[] = []
  for (const element of list) (test(element) ? passed : failed).push(element)
  return [passed, failed]
}
