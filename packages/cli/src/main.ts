import { createProgram } from './program.js'
import { reportError } from './terminal/report-error.js'

/** Runs a command line, without the program's name in front; returns the exit code. */
export async function main(args: readonly string[]): Promise<number> {
  // Whoever reads the output may go away; what matters to the command it finds out by itself.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined)
  try {
    await createProgram().parseAsync(args, { from: 'user' })
    return 0
  } catch (error) {
    return reportError(error, { debug: args.includes('--debug') })
  }
}
