import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { OrbitError, systemEnv } from '@orbit-ts/base'
import { openProvider, type Capabilities, type ProviderOptions } from '@orbit-ts/storage'

/** What a kind of provider can do on this machine, or why it does not work here. */
export type ProviderTrial =
  | { readonly works: true; readonly capabilities: Capabilities }
  | { readonly works: false; readonly reason: string }

/** Opens a new store in a temporary directory, and removes it again. */
export async function tryProvider(optionsFor: (dataDir: string) => ProviderOptions): Promise<ProviderTrial> {
  const directory = await mkdtemp(join(tmpdir(), 'orbit-providers-'))
  try {
    const provider = await openProvider(optionsFor(join(directory, 'data')), { env: systemEnv })
    const { capabilities } = provider
    await provider.close()
    return { works: true, capabilities }
  } catch (error) {
    return { works: false, reason: OrbitError.from(error).reason }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}
