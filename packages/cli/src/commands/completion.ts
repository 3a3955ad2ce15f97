/** `sonde completion`: scripts that teach a shell what can be typed after `sonde`. */
import { Argument, Command } from 'commander'
import { bashCompletion } from '../completion/bash-completion.ts'
import { completionTree } from '../completion/completion-tree.ts'
import { fishCompletion } from '../completion/fish-completion.ts'
import { zshCompletion } from '../completion/zsh-completion.ts'
import type { Shell } from '../shell.ts'

const WRITERS = { bash: bashCompletion, zsh: zshCompletion, fish: fishCompletion } as const

const EXAMPLES = `
The script is made for the commands of this version; make it again after an update. "sonde" has to be a
command of the shell, as after "npm install --global", or an alias of that name.

Examples:
  source <(sonde completion bash)                                     # in ~/.bashrc
  source <(sonde completion zsh)                                      # in ~/.zshrc, after compinit
  sonde completion fish > ~/.config/fish/completions/sonde.fish`

export function completionCommand(shell: Shell): Command {
  return new Command('completion')
    .description('print a script that completes commands in a shell')
    .addArgument(new Argument('<shell>', 'the shell').choices(Object.keys(WRITERS)))
    .addHelpText('after', EXAMPLES)
    .action((name: keyof typeof WRITERS, _options: object, command: Command) => {
      const program = command.parent ?? command
      shell.output.write(WRITERS[name](completionTree(program)))
    })
}
