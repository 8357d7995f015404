import { OrbitError, type ErrorCode } from '@orbit-ts/base'
import { CommanderError } from 'commander'
import { note } from './print.js'

export const EXIT_FAILURE = 1
export const EXIT_USAGE = 2

/** What to do, where the message of the error itself cannot know that it is read at a command line. */
const REMEDIES: Partial<Record<ErrorCode, string>> = {
  STORAGE_LOCKED:
    'Stop the process that has it open. While that is an Orbit server, use its HTTP API, or `orbit import --url http://HOST:PORT`.',
  INTERNAL: 'This is a bug in Orbit. Run again with --debug and report what it prints.',
}

/** Prints an error the way every command does and returns the exit code. */
export function reportError(error: unknown, options: { readonly debug: boolean }): number {
  // Commander has printed its own message already.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : EXIT_USAGE
  const known = OrbitError.from(error)
  // As other programs in a pipe: who closed it knows.
  if (known.details['reader'] === 'gone') return EXIT_FAILURE
  note(`orbit: ${known.message}`)
  const remedy = REMEDIES[known.code]
  if (remedy !== undefined) note(remedy)
  if (options.debug) note(stackOf(error))
  return isUsageError(known) ? EXIT_USAGE : EXIT_FAILURE
}

/** A wrong argument of the command line: exit code 2. */
export function usageError(argument: string, reason: string): OrbitError {
  return new OrbitError('INVALID_ARGUMENT', `${argument}: ${reason}`, { argument })
}

function isUsageError({ details }: OrbitError): boolean {
  return typeof details['argument'] === 'string'
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const cause = error.cause === undefined ? '' : `\ncaused by ${stackOf(error.cause)}`
  return `${error.stack ?? error.message}${cause}`
}
