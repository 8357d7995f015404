import { readFileSync } from 'node:fs'

/**
 * What the Linux build of `@nxtedition/rocksdb` was compiled to rely on, as `/proc/cpuinfo` spells it. Without one of
 * them its code would end the process with an illegal instruction, so it must not even be tried.
 */
const NEEDED: readonly string[] = [
  'avx',
  'avx2',
  'bmi1',
  'bmi2',
  'fma',
  'abm',
  'movbe',
  'popcnt',
  'sse4_2',
  'pclmulqdq',
]

/** Features of {@link NEEDED} that this machine lacks; empty where the question does not arise. */
export function missingCpuFeatures(
  platform: string = process.platform,
  arch: string = process.arch,
  readCpuInfo: () => string = () => readFileSync('/proc/cpuinfo', 'utf8'),
): string[] {
  if (platform !== 'linux' || arch !== 'x64') return []
  const flags = new Set(/^flags\s*:(.*)$/m.exec(cpuInfo(readCpuInfo))?.[1]?.split(/\s+/))
  return NEEDED.filter((feature) => !flags.has(feature))
}

/** An unreadable list counts as empty: better the slower binding than a process that dies. */
function cpuInfo(read: () => string): string {
  try {
    return read()
  } catch {
    return ''
  }
}
