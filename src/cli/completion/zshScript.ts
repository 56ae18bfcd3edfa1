/** `vbmc complete zsh`: a script to source, or to save as `_vbmc` in a folder of `fpath`. */
import { type Completions, namesCommand } from "./completions.js";
import { commandCases, optionCases } from "./posixCases.js";

/** @param identifier of shell functions, @param name of the command that is completed */
export function zshScript(identifier: string, name: string, completions: Completions): string {
  return `#compdef ${name}
# Completion of ${name} for zsh; load it behind compinit with: source <(${name} complete zsh)

# What the value of an option is: sets kind and candidates; fails where the option takes none.
_${identifier}_option()
{
  case "$1 $2" in
${zsh(optionCases(completions))}    *) return 1 ;;
  esac
}

# What the arguments and the options of a command are: sets options, kind and candidates.
_${identifier}_command()
{
  case "$1" in
${zsh(commandCases(completions))}    *) kind=text ;;
  esac
}

_${identifier}()
{
  local index cmd="" kind=text options=""
  local -a candidates
  for ((index = 2; index < CURRENT; index++)); do
    case "$words[index]" in
      -*) _${identifier}_option "" "$words[index]" && index=$((index + 1)) ;;
      *) cmd="$words[index]"; break ;;
    esac
  done
  kind=text candidates=()
  if ! _${identifier}_option "$cmd" "$words[CURRENT-1]"; then
    _${identifier}_command "$cmd"
    if [[ "$words[CURRENT]" == -* ]]; then
      compadd -- \${=options}
      return
    fi
  fi
  case "$kind" in
    words) compadd -- $candidates ;;
    names) candidates=("\${(@f)$(${namesCommand(name)})}"); compadd -- $candidates ;;
    files) _files ;;
  esac
}

if [[ "\${funcstack[1]}" == _${identifier} ]]; then
  _${identifier} "$@"
else
  compdef _${identifier} ${name}
fi
`;
}

/** zsh itself uses `words` for the command line. */
function zsh(cases: string): string {
  return cases.replaceAll(" words=(", " candidates=(");
}
