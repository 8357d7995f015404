import { Command } from 'commander'
import { addExport } from './commands/export.js'
import { addImport } from './commands/import.js'
import { addServe } from './commands/serve.js'
import { VERSION } from './version.js'

/** The command line of `orbit`. Nothing in it ends the process: a failure is thrown. */
export function createProgram(): Command {
  const program = new Command('orbit')
    .description('Orbit: tables, documents, graphs, vectors and time series in one transactional store.')
    .version(VERSION, '--version', 'print the version')
    .helpOption('--help', 'say how a command is used')
    .option('--config <file>', 'a TOML or JSON file (default: $ORBIT_CONFIG, or orbit.toml or orbit.json if there is one)')
    .option('--data-dir <dir>', 'where the data is kept (default: ./data)')
    .option('--storage <kind>', 'the engine: rocksdb, lsm-tree, cow-btree or memory (default: rocksdb)')
    .option('--log-level <level>', 'trace, debug, info, warn, error, fatal or silent')
    .option('--debug', 'print where an error came from')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, sortSubcommands: false })
    .configureOutput({ outputError: (text, write) => write(text.replace(/^error: /, 'orbit: ')) })
    .showHelpAfterError('(add --help to see how it is used)')
  addServe(program)
  addImport(program)
  addExport(program)
  return program
}
