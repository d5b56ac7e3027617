#!/bin/sh
# What the consoles run when somebody presses Enter. OpenWrt's own asks for a password only once the first boot has set
# ttylogin; who is quicker would get a root shell.
exec /bin/login
