/** `sonde import`: files into a server. */
import { Command } from 'commander'
import type { Shell } from '../shell.ts'
import { importCsvCommand } from './import-csv.ts'
import { importElectricityCommand } from './import-electricity.ts'

export function importCommand(shell: Shell): Command {
  return new Command('import')
    .description('import files')
    .addCommand(importCsvCommand(shell))
    .addCommand(importElectricityCommand(shell.environment))
}
