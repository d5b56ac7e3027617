# SPDX-License-Identifier: GPL-2.0-or-later
# Hooks: lists of functions. A function that runs may add others; each runs once.

# How long to wait for someone who wants failsafe mode, in seconds; pi_preinit_no_failsafe=y: not at all.
fs_failsafe_wait_timeout=${fs_failsafe_wait_timeout:-2}
pi_preinit_no_failsafe=${pi_preinit_no_failsafe:-}

boot_hook_init() { eval "${1}_hook="; }

# boot_hook_add HOOK FUNCTION. Between boot_hook_splice_start and _finish: before those that are there.
boot_hook_add() { [ -z "$2" ] || append "${1}_hook${PI_HOOK_SPLICE:+_splice}" "$2"; }

boot_hook_splice_start() { PI_HOOK_SPLICE=1; }

boot_hook_splice_finish() {
	local hook
	PI_HOOK_SPLICE=
	for hook in preinit_essential preinit_main failsafe initramfs preinit_mount_root; do
		eval "prepend ${hook}_hook \"\$${hook}_hook_splice\"; ${hook}_hook_splice="
	done
}

# boot_hook_shift HOOK VARIABLE: takes the first function off the hook.
boot_hook_shift() {
	local left
	eval "left=\$${1}_hook"
	[ -n "$left" ] || return 1
	eval "$2=\${left%% *}"
	case "$left" in
	*' '*) eval "${1}_hook=\${left#* }" ;;
	*) eval "${1}_hook=" ;;
	esac
}

boot_run_hook() {
	local function ran
	while boot_hook_shift "$1" function; do
		eval "ran=\$PI_RAN_$function; PI_RAN_$function=1"
		[ -n "$ran" ] || "$function" "$1" "$2"
	done
}

# The names of the devices that the kernel prints to.
consoles() {
	local name
	for name in $(cat /sys/class/tty/console/active 2>/dev/null || echo console); do
		[ ! -c "/dev/$name" ] || echo "$name"
	done
}
