import { spawn } from 'node:child_process'

const NOBODY = 65534

const CHILD = `
await import('data:text/javascript,' + encodeURIComponent(process.argv[1]))
try {
  const engine = await globalThis.openEngine(process.argv[2])
  await engine.close()
  console.log(JSON.stringify({ opened: true }))
} catch (error) {
  console.log(JSON.stringify({ opened: false, code: error.code, message: error.message }))
}`

export interface ChildOutcome {
  readonly opened: boolean
  readonly code?: string
  readonly message?: string
}

/** An unprivileged user to run as, where this process is the superuser; undefined where it is not. */
export function ownUser(): number | undefined {
  return process.getuid?.() === 0 ? NOBODY : undefined
}

/**
 * Opens a directory in another process, and closes it.
 * @param opener see `EngineContractOptions.childOpener`
 * @param user the numeric id to run as; default: the same
 */
export function openInChild(opener: string, dataDir: string, user?: number): Promise<ChildOutcome> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', CHILD, opener, dataDir], {
      stdio: ['ignore', 'pipe', 'inherit'],
      ...(user === undefined ? {} : { uid: user, gid: user }),
    })
    let output = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
    child.once('error', reject)
    child.once('close', () => {
      try {
        resolve(JSON.parse(output) as ChildOutcome)
      } catch {
        reject(new Error(`the child process printed ${JSON.stringify(output)}`))
      }
    })
  })
}
