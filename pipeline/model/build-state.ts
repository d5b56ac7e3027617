/**
 * What OpenWrt's build writes into its own tree, and git ignores: no part of the source, although it lies in it. By
 * `.gitignore` and `scripts/config/.gitignore` of every release from 17.01 to main. `files/` is ignored there as well, but it is what a
 * user puts in, so it counts.
 */
export const buildState: readonly string[] = [
  'bin', 'build_dir', 'staging_dir', 'tmp', 'logs', 'dl', '.ccache', '.config', '.config.old', '.config.cloudwrt', '.toolchain_build_ver',
  'feeds', 'feeds.conf', 'feeds.conf.orig', 'package/feeds', 'package/openwrt-packages', 'target/linux/feeds',
  'key-build', 'key-build.pub', 'key-build.ucert', 'key-build.ucert.revoke', 'private-key.pem', 'public-key.pem',
  '.vscode', '.project', '.cproject', 'git-src', 'env', '*.o', '*.orig', '*.rej', '*~',
  ...['conf', 'mconf', 'nconf', 'gconf', 'qconf'].flatMap((name) => ['', '-bin', '-cfg', '-cflags', '-libs'].map((end) => `scripts/config/${name}${end}`)),
  'scripts/config/mconf_check', 'scripts/config/qconf-moc.cc',
]
