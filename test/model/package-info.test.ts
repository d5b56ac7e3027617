import test from 'ava'
import {parsePackageInfo} from '../../pipeline/model/package-info.ts'

test('packages, their makefile, what they need and provide', (t) => {
  t.deepEqual(parsePackageInfo(`Source-Makefile: package/base-files/Makefile
Build-Depends: usign/host

Package: base-files
Version: 1~abc
Depends: +libc +SELINUX:procd-selinux +!SELINUX:procd +PACKAGE_a||PACKAGE_b:c @TARGET_x86 +@KERNEL_X +libfoo>=2.0
Provides: @base-files-any other=3
Description:  Package: not this one
@@

Source-Makefile: package/feeds/cloud/rc.cloud/Makefile

Package: rc.cloud
Depends:${' '}
@@
`), [
    {name: 'base-files', makefile: 'package/base-files/Makefile', provides: ['base-files-any', 'other'], depends: [
      {name: 'libc', condition: undefined}, {name: 'procd-selinux', condition: 'SELINUX'}, {name: 'procd', condition: '!SELINUX'},
      {name: 'c', condition: 'PACKAGE_a||PACKAGE_b'}, {name: 'libfoo', condition: undefined},
    ]},
    {name: 'rc.cloud', makefile: 'package/feeds/cloud/rc.cloud/Makefile', provides: [], depends: []},
  ])
})
