import test from 'ava'
import {parseDeclarations} from '../../pipeline/model/kconfig-declaration.ts'
import {PackageIndex, parsePackageInfo} from '../../pipeline/model/package-index.ts'
import {explainLoss, valueInWords, type Evidence} from '../../pipeline/model/kconfig-loss.ts'

const declarations = parseDeclarations({path: 'Config.in', text: `
menuconfig DEVEL
	bool "Advanced"
config CCACHE
	bool "Use ccache" if DEVEL
config VDI_IMAGES
	bool "VDI"
	depends on TARGET_x86
	depends on GRUB_IMAGES || GRUB_EFI_IMAGES
config FOLLOWS
	int
	default 4096
choice
	prompt "Block size"
	config BLOCKSIZE_4K
		bool "4k"
	config BLOCKSIZE_1K
		bool "1k"
endchoice
config PACKAGE_libblkid
	tristate "libblkid"
config PACKAGE_libext2fs
	tristate "libext2fs"
	select PACKAGE_libblkid
config PACKAGE_tools
	tristate "tools"
	select PACKAGE_libblkid if TOOLS_BLKID
config PACKAGE_dropbear
	tristate "dropbear"
config PACKAGE_half
	tristate "half"
	depends on PACKAGE_module
config PARTSIZE
	int "size"
config BOTH
	bool "first"
	depends on NEVER && EVER
config BOTH
	bool "second"
	depends on ONCE
`}, () => [])

const packages = new PackageIndex([
  parsePackageInfo('Source-Makefile: package/network/services/dropbear/Makefile\n\nPackage: dropbear\nDepends: +libc\n@@\n'),
  parsePackageInfo(`Source-Makefile: feeds/packages/utils/jq/Makefile

Package: jq
Depends: +libc
@@

Source-Makefile: feeds/packages/net/wget/Makefile

Package: wget-ssl
Provides: wget gnu-wget
@@

Package: wget-nossl
Provides: wget gnu-wget
@@
`, 'packages'),
])

function explain(symbol: string, asked: string, got: string | undefined, more: Partial<Evidence> = {}): string {
  return explainLoss({symbol, asked, got}, {
    declarations,
    got: new Map([['TARGET_x86', 'y'], ['PACKAGE_libext2fs', 'y'], ['PACKAGE_tools', 'y'], ['PACKAGE_module', 'm'], ['BLOCKSIZE_4K', 'y']]),
    platform: 'x86/64', release: {name: '24.10.5', series: '24.10'}, complaints: new Map(), packages,
    ...more,
  })
}

test('what stands in the way of a symbol', (t) => {
  t.is(explain('CCACHE', 'y', undefined), 'it needs DEVEL')
  t.is(explain('VDI_IMAGES', 'y', undefined), 'it needs GRUB_IMAGES || GRUB_EFI_IMAGES')
  t.is(explain('PACKAGE_half', 'y', 'm'), 'it needs PACKAGE_module')
  t.is(explain('BOTH', 'y', undefined), 'it needs ONCE', 'the easier of two ways')
})

test('what forces a symbol on', (t) => {
  t.is(explain('PACKAGE_libblkid', 'n', 'y'), 'libext2fs needs it', 'tools does not, while TOOLS_BLKID is off')
})

test('symbols that cannot be what was asked', (t) => {
  t.is(explain('FOLLOWS', '1024', '4096'), 'nobody can set it: it follows from other symbols')
  t.is(explain('BLOCKSIZE_1K', 'y', 'n'), 'only one of a choice can be on, and BLOCKSIZE_4K is')
  t.is(explain('BLOCKSIZE_4K', 'n', 'y'), 'one of its choice must be on: switch on another instead')
  t.is(explain('PARTSIZE', '"512"', '104', {complaints: new Map([['PARTSIZE', 'the value is not of its type, or out of its range']])}), 'the value is not of its type, or out of its range')
  t.is(explain('PARTSIZE', '512', '104'), 'the tree does not say why')
})

test('symbols that the release does not have', (t) => {
  t.is(explain('GRUB_SERIAL', '"ttyS0"', undefined), 'it is called TARGET_SERIAL from 24.10 on')
  t.is(explain('TARGET_SERIAL', '"ttyS0"', undefined, {release: {name: '23.05.6', series: '23.05'}}), 'it is called GRUB_SERIAL until 23.05')
  t.is(explain('GRUB_EFI_IMAGES', 'y', undefined, {release: {name: '19.07.10', series: '19.07'}}), 'GRUB_EFI_IMAGES is there from 21.02 on')
  t.regex(explain('QCOW2_IMAGES', 'y', undefined), /image\.formats/)
  t.regex(explain('TARGET_x86_kvm_guest', 'y', undefined), /part of x86\/64 since 17\.01/)
  t.is(explain('VDI_IMAGE', 'y', undefined), 'OpenWrt 24.10.5 has no such symbol; did you mean VDI_IMAGES?')
})

test('packages that are not there', (t) => {
  t.is(explain('PACKAGE_dropbaer', 'y', undefined), 'neither OpenWrt 24.10.5 nor its feeds have such a package; did you mean dropbear?')
  t.is(explain('PACKAGE_nosuchpackage', 'y', undefined), 'neither OpenWrt 24.10.5 nor its feeds have such a package')
  t.is(explain('PACKAGE_jq', 'y', undefined), 'the package is in feed packages, but not installed from it')
  t.is(explain('PACKAGE_wget', 'y', undefined), 'no package is called so; wget-ssl, wget-nossl provide it')
})

test('values in words', (t) => {
  t.deepEqual(['y', 'n', undefined, '""', '"0"', '512', 'm'].map(valueInWords), ['on', 'off', 'off', 'empty', '0', '512', 'm'])
})
