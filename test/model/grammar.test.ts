import test from 'ava'
import {complainOfOverlay, complainOfPackage, complainOfPath, complainOfRef, complainOfRepository, complainOfSymbol, complainOfSymbolText} from '../../pipeline/model/grammar.ts'

/** What is taken; what is refused stands, with its reason, in config/load-target.test.ts. */
const taken = {
  ref: [complainOfRef, ['v25.12.5', 'main', 'HEAD', 'openwrt-24.10', 'feature/x', 'refs/heads/abcdef0', 'refs/tags/v1', 'deadbe', 'v1+build', '58aa1b7f16c5c8d8e9f0a1b2c3d4e5f607182930', '2024.10']],
  repository: [complainOfRepository, [
    'https://git.openwrt.org/openwrt/openwrt.git', 'http://localhost:8080/o', 'git://example.org/o.git', 'ssh://git@example.org:2222/o.git', 'git@example.org:o/o.git',
    'file:///srv/o.git', '/srv/o.git', './o.git', '../o.git',
  ]],
  package: [complainOfPackage, ['rc.cloud', '-luci', 'kmod-fs-isofs', 'libstdcpp6', 'python3-pip', 'luci-i18n-base-zh-cn', 'gtk+', '6in4', 'wpa_supplicant']],
  symbol: [complainOfSymbol, ['GRUB_TIMEOUT', 'PACKAGE_rc.cloud', 'PACKAGE_kmod-fs-isofs', 'TARGET_x86_64_DEVICE_generic', 'KERNEL_DEBUG_KMEMLEAK', '4KSTACKS']],
  'text for a symbol': [complainOfSymbolText, ['0', 'm', '', 'ttyS0', 'rootwait console=ttyS0,115200n8', 'yesterday', 'a "quoted" word']],
  path: [complainOfPath, ['a', '../a b/ü', '/a', './~a']],
  overlay: [complainOfOverlay, ['cloud', '-cloud', './mine', 'a/b', '/a', 'files.tar', 'files.tar.gz', 'files.tgz', 'files.tar.zst']],
} as const

for (const [what, [complain, texts]] of Object.entries(taken)) {
  for (const text of texts) test(`taken as a ${what}: ${JSON.stringify(text)}`, (t) => t.is(complain(text), undefined))
}
