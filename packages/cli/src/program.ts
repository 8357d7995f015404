import { Command } from 'commander'
import { addBench } from './commands/bench.js'
import { addConfigCheck } from './commands/config-check.js'
import { addConfigShow } from './commands/config-show.js'
import { addDevCluster } from './commands/dev-cluster.js'
import { addExport } from './commands/export.js'
import { addImport } from './commands/import.js'
import { addInspect } from './commands/inspect.js'
import { addProviders } from './commands/providers.js'
import { addServe } from './commands/serve.js'
import { VERSION } from './version.js'

/** The command line of `orbit`. Nothing in it ends the process: a failure is thrown. */
export function createProgram(): Command {
  const program = new Command('orbit')
    .description('Orbit: tables, documents, graphs, vectors and time series in one transactional store.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'say how a command is used')
    .helpCommand('help [command]', 'say how a command is used')
    .option(
      '--config <file>',
      'a TOML or JSON file (default: $ORBIT_CONFIG, or orbit.toml or orbit.json if there is one)',
    )
    .option('--data-dir <dir>', 'where the data is kept (default: ./data)')
    .option('--storage <kind>', 'the engine: rocksdb, lsm-tree, cow-btree, memory or tikv (default: rocksdb)')
    .option(
      '--pd-endpoints <addresses>',
      'where PD of the TiKV cluster is, with commas between (default: 127.0.0.1:2379)',
    )
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent (default: info)')
    .option(
      '--log-format <format>',
      'text or json (default: text when standard error is a terminal, otherwise json)',
    )
    .option('--debug', 'print where an error came from')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'orbit: ')) })
    .showHelpAfterError('(add --help to see how it is used)')
  addServe(program)
  addDevCluster(program)
  addImport(program)
  addExport(program)
  addInspect(program)
  addBench(program)
  const config = program
    .command('config')
    .summary('check and show the configuration')
    .description(
      'The configuration: defaults, then the file, the environment and the flags, each overriding the ones before.',
    )
  addConfigCheck(config)
  addConfigShow(config)
  addProviders(program)
  return program
}
