/** What is stored of a password: RFC 5803's SCRAM-SHA-256 form, as PostgreSQL has it. */
import { createHash, createHmac, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import type { Env } from '@orbit-ts/base'

const ITERATIONS = 4096
const SALT_BYTES = 16
const KEY_BYTES = 32

const derive = promisify(pbkdf2)

/** A password that has the form already is taken as it is. */
export async function passwordVerifier(env: Env, password: string): Promise<string> {
  if (/^SCRAM-SHA-256\$\d+:[A-Za-z0-9+/=]+\$[A-Za-z0-9+/=]+:[A-Za-z0-9+/=]+$/.test(password)) return password
  const salt = env.random.bytes(SALT_BYTES)
  const salted = await derive(password.normalize('NFKC'), salt, ITERATIONS, KEY_BYTES, 'sha256')
  const keyOf = (name: string): Buffer => createHmac('sha256', salted).update(name).digest()
  const storedKey = createHash('sha256').update(keyOf('Client Key')).digest('base64')
  const serverKey = keyOf('Server Key').toString('base64')
  return `SCRAM-SHA-256$${ITERATIONS}:${Buffer.from(salt).toString('base64')}$${storedKey}:${serverKey}`
}
