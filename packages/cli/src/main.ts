#!/usr/bin/env node
/** The entry of the `sonde` command. */
import { EXIT_FAILED } from './failure.ts'
import { buildProgram, runProgram } from './program.ts'

// A reader that has seen enough, such as `head`, is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  process.exit(error.code === 'EPIPE' ? 0 : EXIT_FAILED)
})

process.exitCode = await runProgram(buildProgram(), process.argv)
