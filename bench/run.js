// @ts-check
/**
 * `npm run bench [-- NAME…]`: installs the rivals once, then runs the benchmarks one after another, each in a process
 * of its own. Every file prints a table of ratios against a rival measured in the same run.
 */
import { spawnSync } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const folder = fileURLToPath(new URL('.', import.meta.url))
/** By name: the files here, and those of packages that measure their own layers, as `tikv/codec`. */
const files = new Map([
  ...benchesIn(folder, ''),
  ...benchesIn(fileURLToPath(new URL('../packages/tikv/bench/', import.meta.url)), 'tikv/'),
])
const known = [...files.keys()]
const wanted = process.argv.slice(2)
const unknown = wanted.filter((name) => !known.includes(name))
if (unknown.length > 0) {
  console.error(`no benchmark ${unknown.join(', ')}; there are ${known.join(', ')}`)
  process.exit(2)
}

if (!existsSync(new URL('node_modules', import.meta.url))) {
  console.log('installing the rivals into bench/node_modules …')
  const install = spawnSync('npm', ['install', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  })
  if (install.status !== 0)
    console.log('not all rivals could be installed; what is missing is left out below')
}

let failed = false
for (const name of wanted.length > 0 ? wanted : known) {
  console.log(`\n## ${name}\n`)
  const run = spawnSync(process.execPath, ['--expose-gc', files.get(name) ?? ''], { stdio: 'inherit' })
  failed ||= run.status !== 0
}
process.exit(failed ? 1 : 0)

/**
 * @param {string} place
 * @param {string} prefix
 * @returns {[name: string, path: string][]}
 */
function benchesIn(place, prefix) {
  return readdirSync(place)
    .filter((file) => file.endsWith('.bench.js'))
    .map((file) => [`${prefix}${file.replace('.bench.js', '')}`, `${place}${file}`])
}
