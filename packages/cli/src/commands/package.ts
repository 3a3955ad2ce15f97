/** `sonde package`: files that devices and programs fetch. */
import { Command } from 'commander'
import type { Shell } from '../shell.ts'
import { packageKeyCommand } from './package-key.ts'
import { packageListCommand } from './package-list.ts'
import { packagePullCommand } from './package-pull.ts'
import { packagePushCommand } from './package-push.ts'
import { packageSignCommand, packageVerifyCommand } from './package-sign.ts'

export function packageCommand(shell: Shell): Command {
  return new Command('package')
    .description('publish, fetch and sign files')
    .addCommand(packagePushCommand(shell))
    .addCommand(packagePullCommand(shell))
    .addCommand(packageListCommand(shell))
    .addCommand(packageSignCommand(shell))
    .addCommand(packageVerifyCommand(shell))
    .addCommand(packageKeyCommand(shell))
}
