import type { Random } from '@orbit-ts/base'
import { queryError } from '@orbit-ts/engine/sql'
import { utf8, BodyReader } from '../wire/body-reader.js'
import type { FrontendMessage } from '../wire/frontend-messages.js'
import type { MessageWriter } from '../wire/message-writer.js'
import { violation } from '../wire/violation.js'
import { SCRAM, SCRAM_PLUS, ScramExchange, type Verifier } from './scram.js'

/** Codes of the Authentication messages. */
const AUTHENTICATION = { ok: 0, sasl: 10, saslContinue: 11, saslFinal: 12 } as const

export interface PasswordCheck {
  readonly user: string
  /** A mock where the user has none; the exchange then fails at its end, as a wrong password does. */
  readonly verifier: Verifier
  readonly channelBinding: Buffer | undefined
  readonly random: Random
  readonly writer: MessageWriter
  readonly flush: () => Promise<void>
  readonly nextMessage: () => Promise<FrontendMessage | undefined>
}

/** Asks for the password. @throws invalid_password, protocol_violation */
export async function checkPassword(check: PasswordCheck): Promise<void> {
  const { writer, flush, verifier, channelBinding, random } = check
  writer.authentication(AUTHENTICATION.sasl, () => {
    if (channelBinding !== undefined) writer.text(SCRAM_PLUS)
    writer.text(SCRAM)
    writer.text('')
  })
  await flush()
  const exchange = new ScramExchange({ verifier, channelBinding, random })
  const initial = new BodyReader(await nextPassword(check))
  const mechanism = initial.text()
  const first = initial.sized()
  initial.finish()
  if (first === undefined) throw violation('malformed SCRAM message')
  const challenge = exchange.first(mechanism, utf8(first))
  writer.authentication(AUTHENTICATION.saslContinue, () => writer.bytes.text(challenge))
  await flush()
  const answer = exchange.final(utf8(await nextPassword(check)))
  if (answer === undefined)
    throw queryError('invalid_password', `password authentication failed for user "${check.user}"`)
  writer.authentication(AUTHENTICATION.saslFinal, () => writer.bytes.text(answer))
}

export function authenticated(writer: MessageWriter): void {
  writer.authentication(AUTHENTICATION.ok)
}

async function nextPassword({ nextMessage }: PasswordCheck): Promise<Buffer> {
  const message = await nextMessage()
  if (message?.kind === 'password') return message.data
  throw violation('expected an answer to the authentication request')
}
