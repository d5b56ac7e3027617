import {existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import {cloudRoot} from '../helpers/cloud-root.ts'
import {noDemoRoot, type DemoRoot} from '../helpers/demo-root.ts'
import {dumped, partitioned} from '../helpers/growth.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

const [small, large] = [16384, 65536]
const mbr = ['label: dos', 'label-id: 0x0badc0de', 'start=512, size=4096, type=83, bootable', 'start=8192, size=4096, type=83']
const grown = large - 8192

const mounts = {
  ext4: '15 0 259:2 / / rw,noatime - ext4 /dev/root rw\n16 15 0:5 / /proc rw - proc proc rw\n',
  preinit: '15 0 259:2 / / ro,relatime - squashfs /dev/root ro\n16 15 0:5 / /tmp rw - tmpfs tmpfs rw\n',
  squashfs: '15 19 259:2 / /rom ro,relatime - squashfs /dev/root ro\n18 15 7:0 / /overlay rw - f2fs /dev/loop0 rw\n19 0 0:20 / / rw,noatime - overlay overlayfs:/overlay rw\n',
  container: '15 0 0:40 / / rw,relatime - overlay overlay rw\n',
  whole: '15 0 259:0 / / rw,noatime - ext4 /dev/root rw\n',
} as const

/**
 * A machine whose root is the second partition of nvme0n1, as the kernel shows it, a partx that has the kernel take the new
 * table, and a resize2fs that says what it is asked for.
 */
async function machineWith(t: ExecutionContext, kind: keyof typeof mounts): Promise<DemoRoot> {
  const disk = 'devices/pci0/nvme/nvme0n1'
  const machine = await cloudRoot(t, {
    sys: {
      [`${disk}/size`]: `${large}\n`, [`${disk}/uevent`]: 'MAJOR=259\nMINOR=0\nDEVNAME=nvme0n1\nDEVTYPE=disk\n', [`${disk}/queue/logical_block_size`]: '512\n',
      [`${disk}/nvme0n1p2/partition`]: '2\n', [`${disk}/nvme0n1p2/start`]: '8192\n', [`${disk}/nvme0n1p2/size`]: '4096\n',
      [`${disk}/nvme0n1p1/start`]: '512\n',
      // the last one is of the disk's table, and anybody's
      [`${disk}/nvme0n1p2/uevent`]: 'MAJOR=259\nMINOR=2\nDEVNAME=nvme0n1p2\nDEVTYPE=partition\nPARTN=2\nPARTNAME=$(touch /tmp/pwned) * a\nDEVNAME=../tmp/pwned\n',
    },
    before: 'mount --bind "$1/mounts" "$1/proc/1/mountinfo"; : > "$1/dev/nvme0n1"; mount --bind "$1/disk" "$1/dev/nvme0n1"; : > "$1/dev/kmsg"; mount --bind "$1/kmsg" "$1/dev/kmsg"',
  })
  mkdirSync(join(machine.folder, 'sys/dev/block'), {recursive: true})
  symlinkSync(`../../${disk}`, join(machine.folder, 'sys/dev/block/259:0'))
  symlinkSync(`../../${disk}/nvme0n1p2`, join(machine.folder, 'sys/dev/block/259:2'))
  machine.write({
    'mounts': mounts[kind], 'kmsg': '',
    'usr/sbin/partx!': `#!/bin/sh\n[ "$*" = "-u -n 2 /dev/nvme0n1" ] && echo ${grown} > /sys/devices/pci0/nvme/nvme0n1/nvme0n1p2/size\n`,
    'usr/sbin/resize2fs!': '#!/bin/sh\necho "resize2fs $*"\n',
  })
  partitioned(join(machine.folder, 'disk'), small, mbr)
  truncateSync(join(machine.folder, 'disk'), large * 512)
  return machine
}

/** Shell text: a boot, and whether it has started any process. */
const boot = `
. /usr/lib/rc.cloud/lib.sh
log() { echo "$*"; }
LOG=/tmp/log
mkdir -p $STATE
: > $LOG
last() { read -r x x x x last < /proc/loadavg; }
last; first=$last
grow_disk
grow_root
last; [ $first != $last ] || echo 'no process'
cat $LOG
`

function rootSize(machine: DemoRoot): number {
  return dumped(join(machine.folder, 'disk')).sizes[1] ?? 0
}

const said = '/dev/nvme0n1p2: 28 MiB\nresize2fs /dev/nvme0n1p2\n'

inRoot(`an ext4 root: grown once, and then not even looked at${why}`, async (t) => {
  const machine = await machineWith(t, 'ext4')
  t.deepEqual(machine.run(boot), {code: 0, stdout: said, stderr: ''})
  t.is(rootSize(machine), grown)
  t.is(machine.run(boot).stdout, 'no process\n')
  // sysupgrade has written the image's table again, and kept our files
  partitioned(join(machine.folder, 'disk'), small, mbr)
  truncateSync(join(machine.folder, 'disk'), large * 512)
  machine.write({'sys/devices/pci0/nvme/nvme0n1/nvme0n1p2/size': '4096\n'})
  t.is(machine.run(boot).stdout, said)
  t.is(rootSize(machine), grown)
  t.false(existsSync(join(machine.folder, 'tmp/pwned')))
})

inRoot(`without partx the next boot has it${why}`, async (t) => {
  const machine = await machineWith(t, 'ext4')
  machine.write({'usr/sbin/partx': null})
  t.is(machine.run(boot).stdout, '/dev/nvme0n1p2: not grown\n')
  t.is(rootSize(machine), grown)
  machine.write({'sys/devices/pci0/nvme/nvme0n1/nvme0n1p2/size': `${grown}\n`})
  t.is(machine.run(boot).stdout, said)
  t.is(machine.run(boot).stdout, 'no process\n')
})

inRoot(`what could not grow is tried again${why}`, async (t) => {
  const machine = await machineWith(t, 'ext4')
  machine.write({'usr/sbin/resize2fs!': '#!/bin/sh\nexit 1\n'})
  t.regex(machine.run(boot).stdout, /its ext4 cannot grow\n/)
  t.regex(machine.run(boot).stdout, /its ext4 cannot grow\n/)
})

inRoot(`a partition behind the root: nothing is touched, and not looked at again${why}`, async (t) => {
  const machine = await machineWith(t, 'ext4')
  machine.write({'sys/devices/pci0/nvme/nvme0n1/nvme0n1p3/start': '20480\n'})
  t.is(machine.run(boot).stdout, said.replace('28', '2'))
  t.is(rootSize(machine), 4096)
  t.is(machine.run(boot).stdout, 'no process\n')
})

inRoot(`not where it must not; and when it may again, at the next boot${why}`, async (t) => {
  for (const [name, expected] of [['no-growpart', said.replace('28', '2')], ['no-resize', '/dev/nvme0n1p2: 28 MiB\n']] as const) {
    const machine = await machineWith(t, 'ext4')
    machine.write({[`etc/rc.cloud/${name}`]: ''})
    t.deepEqual(machine.run(boot), {code: 0, stdout: expected, stderr: ''}, name)
    t.is(rootSize(machine), name === 'no-growpart' ? 4096 : grown)
    t.is(machine.run(boot).stdout, 'no process\n')
    machine.write({[`etc/rc.cloud/${name}`]: null})
    t.is(machine.run(boot).stdout, said)
    t.is(rootSize(machine), grown)
  }
})

inRoot(`not in a container or on a whole disk${why}`, async (t) => {
  for (const kind of ['container', 'whole'] as const) {
    const machine = await machineWith(t, kind)
    t.deepEqual(machine.run(boot), {code: 0, stdout: 'no process\n', stderr: ''}, kind)
    t.is(rootSize(machine), 4096)
  }
})

/** Shell text: preinit, up to where the root is mounted. */
const preinit = `
. /lib/functions.sh; . /lib/functions/preinit.sh
for hook in preinit_essential preinit_main; do boot_hook_init $hook; done
. /lib/preinit/79_rc_cloud_grow
boot_run_hook preinit_main
type log find_root; umask
`

inRoot(`a squashfs root: grown in preinit, which goes on as it was${why}`, async (t) => {
  const machine = await machineWith(t, 'preinit')
  const {stdout, code} = machine.run(preinit)
  t.regex(stdout, /^log: not found\nfind_root: not found\n0?022\n$/)
  t.is(code, 0)
  t.is(rootSize(machine), grown)
  t.is(machine.read('kmsg'), 'rc.cloud: /dev/nvme0n1p2: 28 MiB\n')
  t.deepEqual(readdirSync(join(machine.folder, 'tmp')), [])
  // the boot goes on
  machine.write({mounts: mounts.squashfs})
  t.is(machine.run(boot).stdout, '/dev/nvme0n1p2: 28 MiB\n')
  t.is(machine.run(boot).stdout, 'no process\n')
})

inRoot(`a full squashfs root is not looked at in preinit${why}`, async (t) => {
  const machine = await machineWith(t, 'preinit')
  machine.write({'sys/devices/pci0/nvme/nvme0n1/nvme0n1p2/size': `${grown - 33}\n`})
  machine.run(preinit)
  t.is(rootSize(machine), 4096)
  t.is(machine.read('kmsg'), '')
})

inRoot(`in preinit nothing happens to an ext4 root, or without a disk, or when the parts of rc.cloud are gone${why}`, async (t) => {
  for (const [kind, files] of [['ext4', {}], ['container', {}], ['preinit', {'usr/lib/rc.cloud/lib.sh': null}], ['preinit', {'sys/devices/pci0/nvme/nvme0n1/size': null}]] as const) {
    const machine = await machineWith(t, kind)
    machine.write(files)
    const before = readFileSync(join(machine.folder, 'disk'))
    t.regex(machine.run(preinit).stdout, /^log: not found\n/)
    t.true(readFileSync(join(machine.folder, 'disk')).equals(before))
    t.is(machine.read('kmsg'), '')
  }
})
