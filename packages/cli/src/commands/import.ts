/** `sonde import`: files into a server. */
import { Command } from 'commander'
import type { Environment } from '../find-server.ts'
import { importCsvCommand } from './import-csv.ts'
import { importElectricityCommand } from './import-electricity.ts'

export function importCommand(environment: Environment): Command {
  return new Command('import')
    .description('import files')
    .addCommand(importCsvCommand(environment))
    .addCommand(importElectricityCommand(environment))
}
