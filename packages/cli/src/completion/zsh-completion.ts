/** Completion for zsh, with the descriptions of commands and options. */
import { type CompletionNode, type CompletionValue, valueOptions } from './completion-tree.ts'

export function zshCompletion(nodes: readonly CompletionNode[]): string {
  const paths = nodes.filter(({ path }) => path !== '').map(({ path }) => `"${path}"`)
  return `#compdef sonde
# Completion of sonde for zsh: source <(sonde completion zsh)
_sonde() {
  local before="\${words[CURRENT-1]}" place="" part index
  local -a offers
  for ((index = 2; index < CURRENT; index++)); do
    part="\${words[index]}"
    case "\${words[index-1]}" in
      ${valueOptions(nodes).join('|')}) continue ;;
    esac
    case "\${place:+$place }$part" in
      ${paths.join('|')}) place="\${place:+$place }$part" ;;
    esac
  done
  case "$place:$before" in
${nodes.flatMap(valueCases).join('\n')}
  esac
  case "$place" in
${nodes.map(wordCase).join('\n')}
  esac
}
compdef _sonde sonde
`
}

function valueCases({ path, options }: CompletionNode): string[] {
  return options.flatMap(({ names, value }) =>
    value ? names.map((name) => `    "${path}:${name}") ${valueOffer(value)}; return ;;`) : [],
  )
}

function valueOffer({ choices, isPath }: CompletionValue): string {
  if (choices.length > 0) return `compadd -- ${choices.join(' ')}`
  return isPath ? '_files' : '_message value'
}

function wordCase({ path, commands, options, argument }: CompletionNode): string {
  const offers = [
    ...argument.choices.map((name) => ({ name, description: '' })),
    ...commands,
    ...options.flatMap(({ names, description }) => names.map((name) => ({ name, description }))),
  ].map(({ name, description }) =>
    quoted(`${name}${description ? `:${description.replaceAll(':', '\\:')}` : ''}`),
  )
  const files = argument.isPath ? '; _files' : ''
  return `    "${path}") offers=(${offers.join(' ')}); _describe sonde offers${files} ;;`
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
