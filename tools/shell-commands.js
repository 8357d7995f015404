// @ts-check

/**
 * Commands in the documentation, as far as the tree can tell whether they exist: npm scripts, subcommands and flags of
 * `orbit`, files that `node` and `bash` run, and `ORBIT_*` variables.
 *
 * @typedef {{
 *   scripts: ReadonlySet<string>,
 *   orbitHelp: (path: readonly string[]) => string,
 *   isVariable: (name: string) => boolean,
 *   programs: ReadonlySet<string>,
 *   exists: (path: string) => boolean,
 * }} Known `orbitHelp` is what a command of `orbit` says with --help; `programs` are the others that packages bring
 */

/** Commands of the system that documentation may use. */
const SYSTEM = new Set(['curl', 'git', 'cd', 'kill', 'cat', 'zcat', 'cp', 'psql', 'pg_dump', 'pg_restore'])

/**
 * @param {string} text a block of shell commands
 * @param {Known} known
 * @returns {string[]} what is wrong
 */
export function shellProblems(text, known) {
  return commandsOf(text).flatMap((words) => {
    const at = words.findIndex((word) => !/^\w+=/.test(word))
    const variables = words.slice(0, Math.max(at, 0)).map((word) => word.split('=')[0] ?? '')
    const problems = variables
      .filter((name) => name.startsWith('ORBIT_') && !known.isVariable(name))
      .map((name) => `there is no setting for ${name}`)
    return at < 0 ? problems : [...problems, ...commandProblems(words.slice(at), known)]
  })
}

/** @param {string} text @returns {string[][]} the words of each command */
export function commandsOf(text) {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .map((line) => line.replace(/(^|\s)#.*$/, ''))
    .flatMap((line) => line.match(/(?:'[^']*'|"[^"]*"|[^'"|;&])+/g) ?? [])
    .map((command) =>
      (command.match(/(?:'[^']*'|"[^"]*"|[^\s'"])+/g) ?? []).map((word) => word.replaceAll(/['"]/g, '')),
    )
    .filter((words) => words.length > 0)
}

/** @param {readonly string[]} words @param {Known} known @returns {string[]} */
function commandProblems([command = '', ...rest], known) {
  if (SYSTEM.has(command)) return []
  if (command === 'npm') return npmProblems(rest, known)
  if (command === 'npx') return commandProblems(rest, known)
  if (command === 'orbit') return orbitProblems(rest, known)
  if (known.programs.has(command)) return []
  if (command === 'node' || command === 'bash') {
    const file = rest.find((word) => !word.startsWith('-')) ?? ''
    return known.exists(file) ? [] : [`${command} ${file}: there is no such file`]
  }
  return [`"${command}" is not a command that the documentation may use`]
}

/** @param {readonly string[]} words @param {Known} known */
function npmProblems([command = '', script = ''], { scripts }) {
  if (command === 'ci' || command === 'install') return []
  const name = command === 'run' ? script : command
  return scripts.has(name) ? [] : [`npm ${command}: there is no script "${name}"`]
}

/** @param {readonly string[]} words @param {Known} known @returns {string[]} */
function orbitProblems(words, { orbitHelp }) {
  /** @type {string[]} */
  const path = []
  let help = orbitHelp(path)
  for (const word of words) {
    const commands = commandsIn(help)
    if (word.startsWith('-') || commands.length === 0) break
    if (!commands.includes(word)) return [`orbit ${[...path, word].join(' ')}: there is no such command`]
    path.push(word)
    help = orbitHelp(path)
  }
  const flags = words.filter((word) => word.startsWith('--')).map((word) => word.replace(/=.*$/, ''))
  return flags
    .filter((flag) => !new RegExp(`(?<![\\w-])${flag}(?![\\w-])`).test(help))
    .map((flag) => `orbit ${path.join(' ')}: there is no flag ${flag}`)
}

/** The names under "Commands:" of a help text. @param {string} help */
function commandsIn(help) {
  const list = /^Commands:\n((?: .*\n?)+)/m.exec(help)?.[1] ?? ''
  return [...list.matchAll(/^ {2}([a-z][\w-]*)/gm)].map(([, name]) => name ?? '')
}
