/** What can be typed after `sonde`, as a tree that every shell's script is written from. */
import type { Command } from 'commander'

export interface CompletionOption {
  /** Such as `-h` and `--help`. */
  readonly names: readonly string[]
  readonly description: string
  /** Undefined when it takes no value. */
  readonly value?: CompletionValue
}

export interface CompletionValue {
  readonly isPath: boolean
  /** Empty when anything goes. */
  readonly choices: readonly string[]
}

export interface CompletionNode {
  /** Names of the commands that lead here, with blanks between; empty for `sonde` itself. */
  readonly path: string
  readonly commands: readonly { readonly name: string; readonly description: string }[]
  readonly options: readonly CompletionOption[]
  readonly argument: CompletionValue
}

/** All commands of the program, those above before those below. */
export function completionTree(command: Command, path = ''): CompletionNode[] {
  const argument = command.registeredArguments[0]
  const node: CompletionNode = {
    path,
    commands: command.commands.map((child) => ({ name: child.name(), description: child.description() })),
    options: command
      .createHelp()
      .visibleOptions(command)
      .map(({ short, long, description, required, optional, argChoices, flags }) => ({
        names: [short, long].filter((name) => name !== undefined),
        description,
        ...(required || optional ? { value: { isPath: isPath(flags), choices: argChoices ?? [] } } : {}),
      })),
    argument: { isPath: isPath(argument?.name() ?? ''), choices: argument?.argChoices ?? [] },
  }
  const below = command.commands.flatMap((child) => completionTree(child, `${path} ${child.name()}`.trim()))
  return [node, ...below]
}

/** By the name of the value, such as `--output <file>`. */
function isPath(name: string): boolean {
  return /\b(file|folder|backup|csv)>?$/.test(name)
}

/** Options that take a value, of all commands. */
export function valueOptions(nodes: readonly CompletionNode[]): string[] {
  const names = nodes.flatMap(({ options }) => options.flatMap(({ names, value }) => (value ? names : [])))
  return [...new Set(names)].sort()
}
