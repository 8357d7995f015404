import { resolveAccess } from '@orbit-ts/server'
import type { Command } from 'commander'
import { loadSettings, type GlobalOptions } from '../settings/load-settings.js'
import { dataProvider } from '../settings/open-store.js'
import { print } from '../terminal/print.js'

export function addConfigCheck(config: Command): void {
  config
    .command('check')
    .summary('say whether the configuration is valid')
    .description(
      'Reads the configuration file, the environment and the flags and reports everything that is wrong with them. No store is opened.',
    )
    .addHelpText(
      'after',
      `
Examples:
  orbit config check
  orbit config check --config /etc/orbit/orbit.toml`,
    )
    .action((_flags: unknown, command: Command) => {
      const settings = loadSettings(command.optsWithGlobals<GlobalOptions>())
      const { options, place } = dataProvider(settings)
      const { tokens } = resolveAccess(settings.config.server)
      const { host, httpPort } = settings.config.server
      print(`The configuration is valid: ${settings.file ?? 'no file, defaults and the environment only'}.`)
      print(
        `It keeps data in ${options.kind}, ${place}, and listens on ${host}, port ${httpPort}, ${tokens.length === 0 ? 'without tokens' : 'with tokens'}.`,
      )
    })
}
