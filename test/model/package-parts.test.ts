import test from 'ava'
import {partsOf} from '../../pipeline/model/package-parts.ts'

const packageDeps = `package-$(CONFIG_PACKAGE_dropbear) += network/services/dropbear
package-$(CONFIG_PACKAGE_jq) += utils/jq
package-$(CONFIG_PACKAGE_kmod-tun) += kernel/linux
package-$(CONFIG_PACKAGE_zlib) += libs/zlib
package- += libs/none
$(curdir)/libs/zlib/compile += $(curdir)/libs/toolchain/compile
$(curdir)/network/services/dropbear/compile += $(curdir)/libs/toolchain/compile $(if $(CONFIG_DROPBEAR_ZLIB),$(curdir)/libs/zlib/compile)
$(curdir)/network/services/dropbear/variants += $(if $(CONFIG_PACKAGE_dropbear),regular)
$(curdir)/utils/jq/compile += $(curdir)/utils/lua/host/compile $(if $(CONFIG_USE_GLIBC),,$(curdir)/libs/argp/compile) $(if $(CONFIG_A)$(CONFIG_B),$(if $(CONFIG_C),$(curdir)/libs/c/compile,$(curdir)/libs/d/compile))
`

const parts = (...on: readonly string[]): string[] => [...partsOf(packageDeps, new Map(on.map((symbol) => [symbol, 'y'])))].sort()

test('the parts of what is selected, with what it depends on', (t) => {
  t.deepEqual(parts(), ['package/kernel/linux'])
  t.deepEqual(parts('PACKAGE_dropbear'), ['package/kernel/linux', 'package/libs/toolchain', 'package/network/services/dropbear'])
  t.deepEqual(parts('PACKAGE_dropbear', 'DROPBEAR_ZLIB'), ['package/kernel/linux', 'package/libs/toolchain', 'package/libs/zlib', 'package/network/services/dropbear'])
})

test('conditions within conditions, and tools of the building machine', (t) => {
  t.deepEqual(parts('PACKAGE_jq'), ['package/kernel/linux', 'package/libs/argp', 'package/utils/jq'])
  t.deepEqual(parts('PACKAGE_jq', 'USE_GLIBC', 'B'), ['package/kernel/linux', 'package/libs/d', 'package/utils/jq'])
  t.deepEqual(parts('PACKAGE_jq', 'USE_GLIBC', 'A', 'C'), ['package/kernel/linux', 'package/libs/c', 'package/utils/jq'])
})

test('a tree without packages has no parts', (t) => {
  t.deepEqual([...partsOf('', new Map())], [])
})
