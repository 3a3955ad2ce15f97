/** Completion for bash: a function that knows all words, and asks nobody while somebody types. */
import { type CompletionNode, type CompletionValue, valueOptions } from './completion-tree.ts'

export function bashCompletion(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`)
  return `# Completion of sonde for bash: source <(sonde completion bash)
_sonde() {
  local word="\${COMP_WORDS[COMP_CWORD]}" before="\${COMP_WORDS[COMP_CWORD-1]}" path="" index part words="" files=""
  COMPREPLY=()
  for ((index = 1; index < COMP_CWORD; index++)); do
    part="\${COMP_WORDS[index]}"
    case "\${COMP_WORDS[index-1]}" in
      ${valueOptions(nodes).join('|')}) continue ;;
    esac
    case "\${path:+$path }$part" in
      ${paths.join('|')}) path="\${path:+$path }$part" ;;
    esac
  done
  case "$path:$before" in
${nodes.flatMap(valueCases).join('\n')}
    *)
      case "$path" in
${nodes.map(wordCase).join('\n')}
      esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
  # Names of files only where a file is meant.
  [[ "$files" == yes && "$word" != -* ]] || compopt +o default 2>/dev/null
}
complete -o default -F _sonde sonde
`
}

function valueCases({ path, options }: CompletionNode): string[] {
  return options.flatMap(({ names, value }) =>
    value ? names.map((name) => `    "${path}:${name}") ${offer(value, [])} ;;`) : [],
  )
}

function wordCase({ path, commands, options, argument }: CompletionNode): string {
  const words = [...commands.map(({ name }) => name), ...options.flatMap(({ names }) => names)]
  return `        "${path}") ${offer(argument, words)} ;;`
}

function offer({ choices, isPath }: CompletionValue, words: readonly string[]): string {
  return `words="${[...choices, ...words].join(' ')}"${isPath ? ' files=yes' : ''}`
}
