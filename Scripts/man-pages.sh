#!/bin/sh
# Writes the manual pages of the program PROGRAM into DIR, one for each command, from the program's own help.
set -eu
program=$1
dir=$2
mkdir -p "$dir"
version=$("$program" --version)

# man-page NAME COMMAND...: the help of a command as a page.
page() {
  name=$1
  shift
  COLUMNS=100 "$program" help "$@" | awk -v name="$name" -v version="$version" '
    function roff(line) {
      gsub(/\\/, "\\e", line)
      gsub(/-/, "\\-", line)
      sub(/^[.\x27]/, "\\\\\\&&", line)
      return line
    }
    /^OVERVIEW: / && !begun {
      begun = 1
      overview = substr($0, 11)
      printf ".TH %s 1 \"\" \"PhaseFlow %s\"\n.SH NAME\n%s \\- %s\n.SH DESCRIPTION\n.nf\n", toupper(roff(name)), version, roff(name), roff(overview)
      next
    }
    /^USAGE: / { print ".fi\n.SH SYNOPSIS\n.nf"; print roff(substr($0, 8)); next }
    /^[A-Z][A-Z ]*:$/ { sub(/:$/, ""); print ".fi\n.SH " $0 "\n.nf"; next }
    { print roff($0) }
    END { print ".fi" }' >"$dir/$name.1"
}

# commands COMMAND...: the names of the subcommands of one.
commands() {
  "$program" help "$@" | awk '
    /^SUBCOMMANDS:$/ { inside = 1; next }
    /^$/ || /^  See / { if (inside && /See/) exit }
    inside && /^  [a-z]/ { print $1 }'
}

page phaseflow
for command in $(commands); do
  page "phaseflow-$command" "$command"
  for sub in $(commands "$command"); do page "phaseflow-$command-$sub" "$command" "$sub"; done
done
