import type { ConfigEntry } from '@orbit-ts/base'
import type { Command } from 'commander'
import { loadSettings, type GlobalOptions } from '../settings/load-settings.js'
import { tomlText } from '../settings/toml-text.js'
import { print } from '../terminal/print.js'
import { parseChoice } from './command-options.js'

interface ShowFlags extends GlobalOptions {
  readonly origin?: true
  readonly format: string
}

export function addConfigShow(config: Command): void {
  config
    .command('show')
    .summary('print the configuration in effect')
    .description(
      'Prints every setting in effect: defaults, overridden by the file, then by the environment, then by flags. Secrets are printed as ***.',
    )
    .option('--origin', 'say where each value comes from')
    .option('--format <format>', 'toml or json', 'toml')
    .addHelpText(
      'after',
      `
Examples:
  orbit config show --origin
  orbit config show --config orbit.toml --format json`,
    )
    .action((_flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<ShowFlags>()
      const format = parseChoice('--format', flags.format, ['toml', 'json'])
      const { entries } = loadSettings(flags).loaded
      print(
        format === 'toml'
          ? tomlText(entries, flags.origin === true)
          : jsonText(entries, flags.origin === true),
      )
    })
}

/** Values by path, lengths of time in milliseconds; with origins an object of both. */
function jsonText(entries: readonly ConfigEntry[], withOrigins: boolean): string {
  const byPath = entries.map(({ path, value, origin }) => [path, withOrigins ? { value, origin } : value])
  return JSON.stringify(Object.fromEntries(byPath), undefined, 2)
}
