/** `vbmc complete bash`: needs bash 4 and nothing else, not even the package bash-completion. */
import { type Completions, namesCommand } from "./completions.js";
import { commandCases, optionCases } from "./posixCases.js";

/** @param identifier of shell functions, @param name of the command that is completed */
export function bashScript(identifier: string, name: string, completions: Completions): string {
  return `# Completion of ${name} for bash; load it with: source <(${name} complete bash)

# What the value of an option is: sets kind and words; fails where the option takes none.
_${identifier}_option()
{
  case "$1 $2" in
${optionCases(completions)}    *) return 1 ;;
  esac
}

# What the arguments and the options of a command are: sets options, kind and words.
_${identifier}_command()
{
  case "$1" in
${commandCases(completions)}    *) kind=text ;;
  esac
}

# Names may have blanks: they are matched unquoted, and given as the quote that the user has opened wants them.
_${identifier}_names()
{
  local typed="$1" quote="" plain name reply
  case "$typed" in
    \\"* | \\'*) quote="\${typed:0:1}" plain="\${typed:1}" ;;
    *) plain="\${typed//\\\\/}" ;;
  esac
  while IFS= read -r name; do
    [[ -n "$name" && "$name" == "$plain"* ]] || continue
    case "$quote" in
      "'") [[ "$name" == *"'"* ]] && continue; reply="$name" ;;
      '"') reply="$(printf '%s' "$name" | command sed 's/[\\\\"$\`]/\\\\&/g')" ;;
      *) printf -v reply %q "$name" ;;
    esac
    COMPREPLY+=("$reply")
  done < <(${namesCommand(name)})
}

_${identifier}_words()
{
  local at="$COMP_CWORD" cur="\${COMP_WORDS[COMP_CWORD]}" prev index command="" colons=""
  local kind=text options="" name
  local -a words=()
  COMPREPLY=()
  # bash takes = and : for ends of words.
  if [[ "$cur" == "=" ]]; then
    cur=""
  elif [[ "$cur" == ":" ]]; then
    cur="" colons=":"
  elif [[ "\${COMP_WORDS[at - 1]}" == "=" ]]; then
    at=$((at - 1))
  fi
  while ((at > 2)) && [[ "$COMP_WORDBREAKS" == *:* ]] && [[ "\${COMP_WORDS[at]}" == : || "\${COMP_WORDS[at - 1]}" == : ]]; do
    at=$((at - 1))
    colons="\${COMP_WORDS[at]}$colons"
  done
  prev="\${COMP_WORDS[at - 1]}"
  for ((index = 1; index < at; index++)); do
    case "\${COMP_WORDS[index]}" in
      -*) _${identifier}_option "" "\${COMP_WORDS[index]}" && index=$((index + 1)) ;;
      =) ;;
      *) command="\${COMP_WORDS[index]}"; break ;;
    esac
  done
  kind=text words=()
  if ! _${identifier}_option "$command" "$prev"; then
    _${identifier}_command "$command"
    if [[ "$cur" == -* ]]; then
      COMPREPLY=($(compgen -W "$options" -- "$cur"))
      return 0
    fi
  fi
  case "$kind" in
    words) COMPREPLY=($(compgen -W "\${words[*]}" -- "$cur")) ;;
    names) _${identifier}_names "$colons$cur" ;;
    files) compopt -o filenames 2>/dev/null; mapfile -t COMPREPLY < <(compgen -f -- "$cur") ;;
  esac
  # What stands before the last colon is on the line already.
  [[ "$kind" == names && -n "$colons" && "$colons" == *: ]] && COMPREPLY=("\${COMPREPLY[@]#"$colons"}")
  return 0
}
complete -F _${identifier}_words ${name}
`;
}
