import { OrbitError } from '../errors/orbit-error.js'

/** One thing that is wrong with a configuration. */
export interface Problem {
  /** Dotted path of the value, or the name of the variable or flag. */
  readonly path: string
  readonly message: string
  /** Where the value came from, when there is one: `file orbit.toml:12`, `env ORBIT_X`, `flag --x`, `code`. */
  readonly origin?: string
  /** The refused value; never present for a secret or under an unknown key. */
  readonly value?: unknown
  readonly unknownKey?: true
}

/**
 * One error for everything that is wrong: `CONFIG_UNKNOWN_KEY` when all of it is unknown keys, otherwise
 * `CONFIG_INVALID`. `details.problems` holds the list.
 */
export function configError(problems: readonly Problem[]): OrbitError {
  const code = problems.every((problem) => problem.unknownKey === true)
    ? 'CONFIG_UNKNOWN_KEY'
    : 'CONFIG_INVALID'
  const lines = problems.map(lineOf)
  const reason =
    lines.length === 1
      ? lines.join('')
      : `the configuration has ${lines.length} problems:\n- ${lines.join('\n- ')}`
  const listed = problems.map(({ path, message, origin, value }) => ({
    path,
    message,
    ...(origin === undefined ? {} : { origin }),
    ...(value === undefined ? {} : { value }),
  }))
  return new OrbitError(code, reason, { problems: listed })
}

function lineOf({ path, message, origin, value }: Problem): string {
  const where = origin === undefined ? '' : ` (${origin})`
  const got = value === undefined ? '' : `, not ${JSON.stringify(value)}`
  // A suggestion comes last, after the value it is about.
  const [rule = message, suggestion] = message.split('; did you mean ')
  return `${path}${where} ${rule}${got}${suggestion === undefined ? '' : `; did you mean ${suggestion}`}`
}
