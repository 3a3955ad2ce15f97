/** How large a picture in the terminal is. */
import type { Command } from 'commander'
import type { Shell } from '../shell.ts'

export interface PictureOptions {
  readonly width?: string
  readonly height: string
}

const WIDTH_DEFAULT = 80

export function addPictureOptions(command: Command): Command {
  return command
    .option('--width <characters>', 'of the picture (default: that of the terminal, else 80)')
    .option('--height <lines>', 'of the picture', '15')
}

/** Ends the command with a usage error when no picture can be of this size. */
export function readPicture(
  command: Command,
  { output }: Shell,
  options: PictureOptions,
): { width: number; height: number } {
  const width = Number(options.width ?? output.columns ?? WIDTH_DEFAULT)
  if (!(width >= 24 && width <= 1_000)) command.error('error: --width takes 24 to 1000 characters')
  const height = Number(options.height)
  if (!(height >= 3 && height <= 200)) command.error('error: --height takes 3 to 200 lines')
  return { width, height }
}
