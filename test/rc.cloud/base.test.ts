import test from 'ava'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

inRoot(`flat lines give back every text${why}`, async (t) => {
  const root = await cloudRoot(t, {dmi: {sys_vendor: 'QEMU'}, nics: {eth0: '52:54:00:00:00:01'}})
  root.write({'tmp/flat': 'a=m:2\na/b=s:x\\ty\\\\n\\nz=\\n\na/c=n:null\nd%3D*=s:-e $(id) `id` %s\n'})
  const {stdout, stderr} = root.run(`. /usr/lib/rc.cloud/lib.sh
    value /tmp/flat a/b && printf '<%s>' "$VALUE"
    value /tmp/flat 'd%3D*' && printf '<%s>' "$VALUE"
    value /tmp/flat a/c || value /tmp/flat a || printf '<>'
    cat /sys/class/dmi/id/sys_vendor /sys/class/net/eth0/address /proc/cmdline`)
  t.is(stdout, '<x\ty\\n\nz=\n><-e $(id) `id` %s><>QEMU\n52:54:00:00:00:01\nroot=/dev/vda2 console=ttyS0\n', stderr)
})
