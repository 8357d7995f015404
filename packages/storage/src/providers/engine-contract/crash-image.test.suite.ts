import { cp, rm } from 'node:fs/promises'

/**
 * What is on disk of an open store, copied as a crash would leave it. The engine goes on deleting files it no longer
 * needs; when one goes during the copy, the copy is no state that ever was, and is made again.
 */
export async function copyCrashImage(dataDir: string, image: string): Promise<void> {
  for (;;) {
    try {
      await cp(dataDir, image, { recursive: true })
      return
    } catch (error) {
      if (!(error instanceof Error) || !('code' in error) || error.code !== 'ENOENT') throw error
      await rm(image, { recursive: true, force: true })
    }
  }
}
