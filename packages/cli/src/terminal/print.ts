/** What a command was asked for goes to standard output; everything about how it went goes to standard error. */

/** A line, or several, of the answer. */
export function print(text: string): void {
  process.stdout.write(`${text}\n`)
}

/** A line, or several, for the person at the terminal. */
export function note(text: string): void {
  process.stderr.write(`${text}\n`)
}
