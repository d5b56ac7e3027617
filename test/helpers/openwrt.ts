import {versionMk} from './tree.ts'

/** Files of the smallest tree that `clone` takes for one of OpenWrt's; its revision counts commits as the real one does. */
export const openwrtFiles: Readonly<Record<string, string>> = {
  'rules.mk': 'TOPDIR:=$(CURDIR)\n',
  'feeds.conf.default': 'src-git packages https://git.openwrt.org/feed/packages.git\n',
  'include/version.mk': versionMk('24.10-SNAPSHOT'),
  'scripts/feeds!': '#!/bin/sh\n',
  'scripts/getver.sh!': `#!/bin/sh
if [ -f version ]; then cat version
elif git rev-parse --git-dir >/dev/null 2>&1; then
  upstream=$(git rev-parse --verify --symbolic-full-name '@{u}' 2>/dev/null)
  behind=$(git rev-list --count "$(git merge-base HEAD "\${upstream:-HEAD}")")
  ahead=$(($(git rev-list --count HEAD) - behind))
  echo "r\${upstream:+$behind}$([ $ahead = 0 ] || echo +$ahead)-$(git log -1 --format=%h)"
else echo unknown
fi
`,
  '.gitignore': '/bin\n/build_dir\n/tmp\n/.config\n/files\n/feeds\n*.o\n',
  'package/a/Makefile': 'include $(TOPDIR)/rules.mk\n',
}
