/**
 * The applets that busybox has in every OpenWrt from 21.02 to main by default, and that Debian's has too. What is not here,
 * like base64, od, stat, timeout, truncate, losetup, wget, chpasswd, must not be asked for by what runs on all of them.
 */
export const openwrtApplets: readonly string[] = `
[ ash awk basename brctl cat chgrp chmod chown chroot clear cmp cp crond crontab cut date dd df dirname dmesg du echo egrep env expr false fgrep find free
grep gunzip gzip halt head hexdump hwclock id ifconfig ip kill killall less ln logger login ls md5sum mkdir mkfifo mknod mkswap mktemp mount mv nc netstat
ntpd passwd pgrep pidof ping ping6 pivot_root poweroff printf ps pwd readlink reboot reset rm rmdir route sed seq sh sha256sum sleep sort start-stop-daemon
strings swapoff swapon switch_root sync sysctl tail tar tee test time top touch tr traceroute traceroute6 true udhcpc umount uname uniq uptime
vi wc which xargs yes zcat
`.trim().split(/\s+/)
