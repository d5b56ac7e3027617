import test from 'ava'
import {closureOf} from '../../pipeline/model/package-closure.ts'
import {PackageIndex, parsePackageInfo} from '../../pipeline/model/package-index.ts'

/** The format of `tmp/.packageinfo`. */
const core = parsePackageInfo(`Source-Makefile: package/libs/libc/Makefile

Package: libc
Depends: @!USE_X
Description: Package: not-a-package
  Depends: +nothing
@@

Source-Makefile: package/net/fetch/Makefile
Build-Depends: libc TOOL:absent tools/host

Package: fetch
Depends: +libc
Provides: wget
Description: x
@@

Package: fetch-dev
Build-Only: 1
Provides: headers
Description: x
@@

Source-Makefile: package/feeds/cloud/linked/Makefile

Package: linked
Description: x
@@
`)

const feed = parsePackageInfo(`Source-Makefile: feeds/own/net/wget/Makefile
Build-Depends: gone/host

Package: wget-small
Depends: +libc
Provides: @wget-any wget
Build-Variant: small
Description: x
@@

Package: wget-ssl
Depends: +libc +libssl
Provides: wget
Default-Variant: ssl
Description: x
@@

Source-Makefile: feeds/own/tool/Makefile

Package: tool
Depends: +libc +wget +PACKAGE_tool:itself +(A||B):either +A&&!PACKAGE_other:both plain
Description: x
@@
`, 'own')

test('packages, their sources and what they provide are read; linked feeds are left to their own index', (t) => {
  t.deepEqual(core.packages.map(({name, source, depends}) => [name, source, depends.map((one) => one.name).join()]), [['libc', 'libc', ''], ['fetch', 'fetch', 'libc'], ['fetch-dev', 'fetch', '']])
  t.deepEqual(core.sources.map(({name, buildDepends}) => [name, buildDepends.join()]), [['libc', ''], ['fetch', 'libc,tools/host']])
})

test('a name is answered by the default variant, then by the package of that name, then by whoever provides it', (t) => {
  const index = new PackageIndex([core, feed])
  const names = (name: string): string => index.providers(name).map((one) => one.name).join()
  t.is(names('wget'), 'wget-ssl,fetch,wget-small')
  t.is(names('wget-any'), 'wget-small')
  t.is(names('headers'), '', 'what is only built is not installed')
})

test('what nothing answers to is told with the way to it', (t) => {
  const index = new PackageIndex([core, feed])
  const needs = (known: Record<string, boolean>): string[] => closureOf(['tool'], index, (symbol) => known[symbol]).unanswered.map(({chain, needs: name, when}) => `${chain.join('>')}: ${name} (${when})`)
  const always = ['tool: itself (run)', 'tool: plain (run)', 'tool>wget-ssl: libssl (run)', 'tool>wget-ssl: gone (build)']
  t.deepEqual(needs({}).toSorted(), always.toSorted())
  t.deepEqual(needs({A: true}).toSorted(), [...always, 'tool: either (run)'].toSorted())
  t.deepEqual(needs({A: true, PACKAGE_other: false}).toSorted(), [...always, 'tool: either (run)', 'tool: both (run)'].toSorted())
  t.deepEqual(needs({A: false, B: false}).toSorted(), always.toSorted())
})
