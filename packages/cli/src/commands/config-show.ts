import type { ConfigEntry } from '@orbit-ts/base'
import { DEFAULT_BACKEND } from '@orbit-ts/server'
import type { Command } from 'commander'
import { loadSettings, type GlobalOptions, type Settings } from '../settings/load-settings.js'
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
      const entries = withBackend(loadSettings(flags))
      print(
        format === 'toml'
          ? tomlText(entries, flags.origin === true)
          : jsonText(entries, flags.origin === true),
      )
    })
}

/** With the engine that is taken when nothing names one. */
function withBackend({ config, loaded: { entries } }: Settings): readonly ConfigEntry[] {
  const path = 'server.persistence_backend'
  if (Object.keys(config.providers).length > 0 || entries.some((entry) => entry.path === path)) return entries
  const at = entries.findIndex((entry) => entry.path === 'server.data_dir') + 1
  return entries.toSpliced(at, 0, { path, value: DEFAULT_BACKEND, origin: 'default' })
}

/** Values by path, lengths of time in milliseconds; with origins an object of both. */
function jsonText(entries: readonly ConfigEntry[], withOrigins: boolean): string {
  const byPath = entries.map(({ path, value, origin }) => [path, withOrigins ? { value, origin } : value])
  return JSON.stringify(Object.fromEntries(byPath), undefined, 2)
}
