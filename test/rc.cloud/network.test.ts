import {readdirSync, readFileSync} from 'node:fs'
import {basename, join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'
import {kept, libraries, logged, networkRoot} from '../helpers/network-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`
const fixtures = join(packageRoot, 'test', 'fixtures', 'rc.cloud', 'network')

/** A document, and whether the kernel has bonding. Beside it NAME.txt: what was added to /etc/config/network, the wan zone's networks, the log. */
interface Fixture {readonly document: unknown, readonly bonding?: boolean}

for (const file of readdirSync(fixtures).filter((name) => name.endsWith('.json'))) {
  const name = basename(file, '.json')
  inRoot(`network data: ${name}${why}`, async (t) => {
    const {document, bonding = false} = JSON.parse(readFileSync(join(fixtures, file), 'utf8')) as Fixture
    const root = await networkRoot(t, document, {sys: bonding ? {'module/bonding/refcnt': '0\n'} : {}})
    const {stdout, stderr} = root.run(`${libraries}network_apply /tmp/data >> $LOG 2>&1; echo $? $(uci get firewall.@zone[1].network) / $(uci get dhcp.lan.ignore)`)
    const network = root.read('etc/config/network')
    t.is(network.slice(0, kept.length), kept)
    const got = `${network.slice(kept.length + 1)}\n${stdout}${logged(root)}`
    t.is(got, readFileSync(join(fixtures, `${name}.txt`), 'utf8'), stderr)
  })
}
