#!/usr/bin/env node
// The `orbit` command. The program itself is compiled into ../dist; this file runs before anything of it is loaded.
import { existsSync } from 'node:fs'

const program = new URL('../dist/main.js', import.meta.url)
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)

if (major < 20 || (major === 20 && minor < 19)) {
  fail(`Node 20.19 or later is needed, and this is ${process.versions.node}`)
} else if (!existsSync(program)) {
  fail('the build is missing; run `npm ci` and `npm run build` first')
} else {
  await run()
}

async function run() {
  try {
    const { main } = await import(program.href)
    process.exitCode = await main(process.argv.slice(2))
  } catch (error) {
    if (error?.code !== 'ERR_MODULE_NOT_FOUND') throw error
    fail(`the build is incomplete (${error.message}); run \`npm ci\` and \`npm run build\` first`)
  }
}

function fail(message) {
  process.stderr.write(`orbit: ${message}\n`)
  process.exitCode = 1
}
