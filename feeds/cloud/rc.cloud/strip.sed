# What is installed goes without the comments of the sources, empty lines, indentation, and blanks that no shell and no awk needs: a router's
# flash is small. So no text of ours may have a line that starts with a blank, or with # but for #!, and has to keep it; or blanks
# around && and ||.
/^[[:blank:]]*#\([^!]\|$\)/d
s/^[[:blank:]]*//
/^$/d
s/ \(&&\|||\) /\1/g
s/; \(then\|do\)$/;\1/
s/) {$/){/
s/\([<>]\) \([$"/]\)/\1\2/g
