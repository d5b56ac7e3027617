# What is installed goes without the comments of the sources, empty lines and indentation: a router's flash is small. Every
# first line of a script stays. So no text of ours may have a line that starts with a blank or with # and has to keep it.
2,$ {
	/^[[:blank:]]*#/d
	s/^[[:blank:]]*//
}
/^$/d
