import type {Purpose} from './undertakings.ts'

/** Something that must be on the machine. */
export interface Prerequisite {
  /** The Debian package that brings it. */
  readonly package: string
  readonly for: readonly Purpose[]
  /** Any of these programs on PATH shows that it is there; without any, that Debian's package is installed. */
  readonly programs?: readonly string[]
  /** Any of these files shows it. */
  readonly files?: readonly string[]
  /** A program that succeeds where it is there. */
  readonly probe?: readonly [string, ...string[]]
  /** The checks of OpenWrt's own (`Checking 'X'... failed.`) that fail without it. */
  readonly checks?: readonly string[]
}

/**
 * Everything that some part of cloudwrt starts or needs, by Debian package. For OpenWrt it is what `make defconfig` of 21.02 to
 * main demanded of a bare Debian 12, found by adding one after the other. Zstandard formats come from Node itself.
 */
export const prerequisites: readonly Prerequisite[] = [
  {package: 'make', for: ['openwrt', 'demo'], programs: ['make'], checks: ['working-make']},
  {package: 'gcc', for: ['openwrt'], programs: ['gcc'], checks: ['gcc', 'working-gcc']},
  {package: 'g++', for: ['openwrt'], programs: ['g++'], checks: ['g++', 'working-g++']},
  {package: 'libc6-dev', for: ['openwrt'], files: ['/usr/include/argp.h'], checks: ['argp.h', 'fts.h', 'obstack.h', 'libintl.h']},
  {package: 'libncurses-dev', for: ['openwrt'], files: ['/usr/include/ncurses.h'], checks: ['ncurses.h', 'ncurses']},
  {package: 'git', for: ['openwrt', 'demo'], programs: ['git'], checks: ['git']},
  {package: 'rsync', for: ['openwrt'], programs: ['rsync'], checks: ['rsync']},
  {package: 'patch', for: ['openwrt'], programs: ['patch'], checks: ['patch']},
  {package: 'gawk', for: ['openwrt'], programs: ['gawk'], checks: ['awk']},
  {package: 'unzip', for: ['openwrt'], programs: ['unzip'], checks: ['unzip']},
  {package: 'bzip2', for: ['openwrt'], programs: ['bzip2'], checks: ['bzip2']},
  {package: 'wget', for: ['openwrt'], programs: ['wget'], checks: ['wget']},
  {package: 'file', for: ['openwrt'], programs: ['file'], checks: ['file']},
  {package: 'perl', for: ['openwrt', 'demo'], programs: ['perl'],
    checks: ['perl', 'perl-data-dumper', 'perl-findbin', 'perl-file-copy', 'perl-file-compare', 'perl-thread-queue', 'perl-ipc-cmd', 'perl-getopt-std', 'perl-digest-sha']},
  {package: 'python3', for: ['openwrt'], programs: ['python3'], checks: ['python', 'python3', 'python3-stdlib']},
  {package: 'python3-distutils', for: ['openwrt'], checks: ['python3-distutils'],
    probe: ['python3', '-c', 'import sys\nif sys.version_info < (3, 12): import distutils.util']},
  {package: 'tar', for: ['openwrt', 'demo'], programs: ['tar'], checks: ['tar', 'gnu-tar']},
  {package: 'findutils', for: ['openwrt', 'demo'], programs: ['find'], checks: ['find', 'xargs', 'gnu-find']},
  {package: 'diffutils', for: ['openwrt', 'demo'], programs: ['diff'], checks: ['diff']},
  {package: 'grep', for: ['openwrt', 'demo'], programs: ['grep'], checks: ['grep', 'egrep']},
  {package: 'gzip', for: ['openwrt', 'demo'], programs: ['gzip'], checks: ['gzip']},
  {package: 'util-linux', for: ['openwrt', 'demo'], programs: ['getopt'], checks: ['getopt', 'flock']},
  {package: 'coreutils', for: ['openwrt', 'demo'], programs: ['install'], checks: ['true', 'false', 'cp', 'seq', 'realpath', 'stat', 'install', 'sha256sum']},
  {package: 'debianutils', for: ['openwrt'], programs: ['which'], checks: ['which']},
  {package: 'bash', for: ['openwrt', 'demo'], programs: ['bash'], checks: ['bash']},
  {package: 'mawk', for: ['demo'], programs: ['awk'], checks: ['awk']},
  {package: 'cpio', for: ['demo'], programs: ['cpio'], checks: ['cpio']},
  {package: 'dpkg', for: ['demo'], programs: ['dpkg-deb'], checks: ['dpkg-deb']},
  {package: 'apt', for: ['demo'], programs: ['apt-get'], checks: ['apt-get', 'apt-helper']},
  {package: 'fdisk', for: ['demo'], programs: ['sfdisk'], checks: ['sfdisk']},
  {package: 'e2fsprogs', for: ['demo', 'edit'], programs: ['debugfs'], checks: ['mke2fs', 'debugfs']},
  {package: 'openssl', for: ['edit'], programs: ['openssl']},
  {package: 'mount', for: ['loop', 'bench'], programs: ['losetup']},
  {package: 'qemu-utils', for: ['convert'], programs: ['qemu-img']},
  {package: 'qemu-system-x86', for: ['boot', 'test'], programs: ['qemu-system-x86_64']},
  {package: 'openssh-client', for: ['boot', 'test'], programs: ['ssh']},
  {package: 'dropbear-bin', for: ['test'], programs: ['dropbear']},
  {package: 'busybox-static', for: ['test'], files: ['/usr/share/doc/busybox-static']},
  {package: 'nftables', for: ['test'], programs: ['nft']},
  {package: 'tmux', for: ['test'], programs: ['tmux']},
  {package: 'shellcheck', for: ['test'], programs: ['shellcheck']},
  {package: 'dash', for: ['test'], programs: ['dash']},
  // config drives: ISO9660, and vfat with files in it
  {package: 'genisoimage', for: ['test'], programs: ['genisoimage']},
  {package: 'dosfstools', for: ['test'], programs: ['mkfs.vfat']},
  {package: 'mtools', for: ['test'], programs: ['mcopy']},
  {package: 'libguestfs-tools', for: ['bench'], programs: ['virt-customize']},
  // which starts a machine with a kernel of the host's
  {package: 'linux-image-amd64', for: ['bench'], probe: ['sh', '-c', 'ls /boot/vmlinuz-*']},
]

/** What a verb or a target takes, for `cloudwrt doctor`. */
export function prerequisitesFor(wanted: readonly Purpose[]): Prerequisite[] {
  return prerequisites.filter((prerequisite) => prerequisite.for.some((purpose) => wanted.includes(purpose)))
}

/** The checks that a tree's own prerequisite check failed, out of what it printed. */
export function failedChecks(output: string): string[] {
  return [...output.matchAll(/^Checking '([^']+)'\.\.\. failed\.?$/gm)].map((match) => match[1] ?? '')
}

/** The packages that those checks look for. Some look for none: the umask, the file system. */
export function packagesFor(checks: readonly string[], purpose: Purpose): string[] {
  const rows = prerequisitesFor([purpose])
  return [...new Set(checks.flatMap((check) => rows.find((row) => row.checks?.includes(check))?.package ?? []))]
}
