# What both steps of the action need to talk to the runner. To be sourced by bash.
# shellcheck shell=bash

# Ends the step with a message at the top of the job. The message holds no line break, so no second command.
fail() {
  printf '::error title=countersign::%s\n' "$1"
  exit 4
}

# A text of somebody else's in one line, quoted as the shell would.
shown() {
  local text
  printf -v text '%q' "$1"
  # `::` is no command in the middle of a line, and `##[` is one anywhere.
  printf '%s' "${text//##/#\\#}"
}

# Sets an output. The delimiter cannot be guessed, so that no value can end itself and begin another output.
output() {
  local delimiter
  delimiter=end-$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
  printf '%s<<%s\n%s\n%s\n' "$1" "$delimiter" "$2" "$delimiter" >>"${GITHUB_OUTPUT:?}"
}

# Is an input switched on? Anything but the two words is a mistake, and not "off".
switched_on() {
  case $2 in
    true) return 0 ;;
    false | '') return 1 ;;
    *) fail "the input \`$1\` must be true or false, and is $(shown "$2")" ;;
  esac
}
