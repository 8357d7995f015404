#!/usr/bin/env node
import { runPlayground } from '../dist/testing/playground.js'

process.exitCode = await runPlayground(process.argv.slice(2), {
  write: (text) => void process.stdout.write(text),
  stopped: () =>
    new Promise((resolve) => {
      process.once('SIGINT', resolve)
      process.once('SIGTERM', resolve)
    }),
})
