import { systemEnv } from '@orbit-ts/base'
import { testLocalEngine, type Damage } from '../engine-contract.test.suite.js'
import { openRocksdbEngine } from './open-rocksdb-engine.js'
import type { BindingName } from './rocks-binding.js'

const DAMAGE: readonly Damage[] = [
  { file: /^rocksdb\/CURRENT$/, how: 'delete' },
  { file: /^rocksdb\/CURRENT$/, how: 'empty' },
  { file: /^rocksdb\/CURRENT$/, how: 'truncate' },
  { file: /^rocksdb\/CURRENT$/, how: 'flip' },
  { file: /^rocksdb\/MANIFEST-/, how: 'delete' },
  { file: /^rocksdb\/MANIFEST-/, how: 'empty' },
  { file: /^rocksdb\/MANIFEST-/, how: 'truncate' },
  { file: /^rocksdb\/MANIFEST-/, how: 'flip' },
  { file: /^ORBIT$/, how: 'empty' },
  { file: /^ORBIT$/, how: 'truncate' },
  { file: /^ORBIT$/, how: 'flip' },
  { file: /^ORBIT$/, how: 'delete' },
]

const TABLES: readonly Damage[] = (['delete', 'empty', 'truncate', 'flip'] as const).map((how) => ({
  file: /\.sst$/,
  how,
}))
const LOGS: readonly Damage[] = (['delete', 'empty', 'truncate', 'flip'] as const).map((how) => ({
  file: /\.log$/,
  how,
}))

for (const binding of ['nxtedition', 'holepunch'] as const satisfies readonly BindingName[]) {
  testLocalEngine(
    `rocksdb (${binding})`,
    (dataDir) => openRocksdbEngine({ dataDir, binding }, { env: systemEnv }),
    {
      childOpener: `
      const { openRocksdbEngine } = await import(${JSON.stringify(new URL('./open-rocksdb-engine.js', import.meta.url).href)})
      const { systemEnv } = await import(${JSON.stringify(import.meta.resolve('@orbit-ts/base'))})
      globalThis.openEngine = (dataDir) => openRocksdbEngine({ dataDir, binding: ${JSON.stringify(binding)} }, { env: systemEnv })`,
      // One binding leaves the last writes in the log, the other flushes them to a table and leaves an empty log.
      damage: [...DAMAGE, ...TABLES, ...(binding === 'nxtedition' ? LOGS : [])],
    },
  )
}
