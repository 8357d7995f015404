/** The line that pino wrote, for people: `12:00:00.000 INFO  message key=value`. Text that is not JSON stays as it is. */
export function prettyLine(line: string): string {
  const fields = parseFields(line)
  if (fields === undefined) return line
  const { time, level, msg, err, ...rest } = fields
  const clock = typeof time === 'string' ? time.slice(11, 23) : ''
  const word = typeof level === 'string' ? level.toUpperCase().padEnd(5) : ''
  const pairs = Object.entries(rest).map(([key, value]) => `${key}=${shown(value)}`)
  const head = [clock, word, ...(typeof msg === 'string' ? [msg] : []), ...pairs].join(' ')
  return `${head}\n${errorLines(err)}`
}

function parseFields(line: string): Record<string, unknown> | undefined {
  try {
    const parsed: unknown = JSON.parse(line)
    return typeof parsed === 'object' && parsed !== null ? { ...parsed } : undefined
  } catch {
    return undefined
  }
}

function shown(value: unknown): string {
  return typeof value === 'string' && !/[\s"=]/.test(value) ? value : JSON.stringify(value)
}

function errorLines(error: unknown): string {
  if (typeof error !== 'object' || error === null) return error === undefined ? '' : `    ${shown(error)}\n`
  const { stack, message } = error as { stack?: unknown; message?: unknown }
  const text =
    typeof stack === 'string' ? stack : typeof message === 'string' ? message : JSON.stringify(error)
  return `${text.replaceAll(/^/gm, '    ')}\n`
}
