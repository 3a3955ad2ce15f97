/** Completion for fish, with the descriptions of commands and options. */
import { type CompletionNode, type CompletionOption, valueOptions } from './completion-tree.ts'

export function fishCompletion(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => quoted(path))
  return `# Completion of sonde for fish: sonde completion fish | source
function __sonde_at
    set -l place ''
    set -l before ''
    for part in (commandline -opc)[2..-1]
        if not contains -- "$before" ${valueOptions(nodes).join(' ')}
            set -l deeper (string trim -- "$place $part")
            if contains -- "$deeper" ${paths.join(' ')}
                set place "$deeper"
            end
        end
        set before "$part"
    end
    test "$place" = "$argv[1]"
end
complete -c sonde -f
${nodes.flatMap(linesOf).join('\n')}
`
}

function linesOf({ path, commands, options, argument }: CompletionNode): string[] {
  const start = `complete -c sonde -n ${quoted(`__sonde_at ${quoted(path)}`)}`
  return [
    ...commands.map(({ name, description }) => `${start} -a ${name} -d ${quoted(description)}`),
    ...argument.choices.map((choice) => `${start} -a ${choice}`),
    ...(argument.isPath ? [`${start} -F`] : []),
    ...options.map((option) => `${start}${optionOf(option)}`),
  ]
}

function optionOf({ names, description, value }: CompletionOption): string {
  const flags = names.map((name) => (name.startsWith('--') ? ` -l ${name.slice(2)}` : ` -s ${name.slice(1)}`))
  const choices = value && value.choices.length > 0 ? ` -xa ${quoted(value.choices.join(' '))}` : undefined
  const rest = value === undefined ? '' : (choices ?? (value.isPath ? ' -rF' : ' -x'))
  return `${flags.join('')}${rest} -d ${quoted(description)}`
}

function quoted(text: string): string {
  return `'${text.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}'`
}
