/**
 * Records as JSON text, in the forms of the HTTP API. What JSON has no word for is text that the models read back as the
 * same value: 64-bit integers `9007199254740993`, bytes `\x00ff`, times in ISO 8601, `NaN`.
 */
export function plainJson(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return JSON.stringify(value)
    case 'number':
      // JSON.stringify makes 0 of -0 and null of NaN.
      return Number.isFinite(value) ? plainNumber(value) : JSON.stringify(String(value))
    case 'bigint':
      return `"${value}"`
    case 'object':
      return value === null ? 'null' : plainObject(value)
    default:
      return JSON.stringify(value) ?? 'null'
  }
}

/** The shortest digits that read back as the same number, -0 included. */
export function plainNumber(value: number): string {
  return Object.is(value, -0) ? '-0' : String(value)
}

/** Bytes as PostgreSQL writes them. */
export function plainBytes(bytes: Uint8Array): string {
  return `\\x${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex')}`
}

function plainObject(value: object): string {
  if (value instanceof Date) return JSON.stringify(value.toISOString())
  if (value instanceof Float32Array) return `[${Array.from(value, plainNumber).join(',')}]`
  if (value instanceof Uint8Array) return JSON.stringify(plainBytes(value))
  if (Array.isArray(value)) return `[${value.map(plainJson).join(',')}]`
  const entries = Object.entries(value).filter(([, entry]) => entry !== undefined)
  return `{${entries.map(([key, entry]) => `${JSON.stringify(key)}:${plainJson(entry)}`).join(',')}}`
}
