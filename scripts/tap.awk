# Reads ava's TAP and then `ava ended with CODE`. Ends with the one line that counts, and fails where any test did,
# or ava itself. A run that failed without saying so counts as one failure.

/^ava ended with [0-9]+$/ { code = $NF; next }
/^# pass [0-9]+$/ { passed = $3 }
/^# fail [0-9]+$/ { failed = $3 }
/^# skip [0-9]+$/ { skipped = $3 }

!for_people { say($0); next }
/^(TAP version|1\.\.|# (tests|pass|fail|skip) [0-9]|$)/ { next }
/^ok .* # SKIP$/ { say("  - " title($0) " (skipped)"); next }
/^ok / { say("  " paint("32", "✔") " " title($0)); next }
/^not ok / { say("  " paint("31", "✘ " title($0))); next }
{ say("  " $0) }

END {
  if (code == "") code = 1
  if (code != 0 && failed == 0) failed = 1
  printf "%d passed, %d failed", passed, failed
  if (skipped > 0) printf ", %d skipped", skipped
  print ""
  exit failed > 0 ? 1 : 0
}

function say(line) { print line; fflush() }
function title(line) { sub(/^(not )?ok [0-9]+ - /, "", line); sub(/ # SKIP$/, "", line); return line }
function paint(sgr, text) { return color ? "\033[" sgr "m" text "\033[0m" : text }
