const MASK = '***'

/** Compared with the end of a key in lower case without `_` and `-`, so that `dbPassword` is caught and `tokenCount` is not. */
const SECRET_ENDS = [
  'authorization',
  'password',
  'passwd',
  'passphrase',
  'secret',
  'token',
  'tokens',
  'cookie',
  'apikey',
  'accesskey',
  'accesskeyid',
  'accountkey',
  'privatekey',
  'clientkey',
  'credential',
  'credentials',
]

const DEPTH_MAX = 8

/**
 * The fields with `***` in place of whatever stands under a key that names a secret, at any depth. The argument is not
 * changed; instances of classes are left as they are.
 */
export function redact(fields: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return redactTable(fields, 0)
}

export function isSecretKey(key: string): boolean {
  const loose = key.toLowerCase().replaceAll(/[_-]/g, '')
  return SECRET_ENDS.some((end) => loose.endsWith(end))
}

function redactTable(table: Readonly<Record<string, unknown>>, depth: number): Record<string, unknown> {
  const copy: Record<string, unknown> = {}
  for (const [key, value] of Object.entries(table)) {
    copy[key] =
      isSecretKey(key) && value !== undefined && value !== null ? MASK : redactValue(value, depth + 1)
  }
  return copy
}

function redactValue(value: unknown, depth: number): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > DEPTH_MAX) return '…'
  if (Array.isArray(value)) return value.map((item) => redactValue(item, depth + 1))
  const prototype: unknown = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null ? redactTable({ ...value }, depth) : value
}
