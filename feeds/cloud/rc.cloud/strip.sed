# What is installed goes without the comments of the sources, empty lines and indentation: a router's flash is small.
# So no text of ours may have a line that starts with a blank, or with # but for #!, and has to keep it.
/^[[:blank:]]*#\([^!]\|$\)/d
s/^[[:blank:]]*//
/^$/d
