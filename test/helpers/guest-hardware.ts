/** What a virtual machine is made of besides the disk that it boots from. */
export interface Hardware {
  /** MiB. */
  readonly memory?: number
  /** What is written to the disk stays there. Otherwise it is forgotten when the machine ends. */
  readonly keepsDisk?: boolean
  readonly drives?: readonly Drive[]
  readonly firmware?: Firmware
  /** One with the default network where nothing is said. The first leads to the guest's port 22. */
  readonly nics?: readonly Nic[]
}

/** A drive that nobody can write to. */
export interface Drive {
  readonly path: string
  readonly as: 'cd' | 'disk'
}

/** What the firmware says of the machine (SMBIOS): /sys/class/dmi/id in the guest. */
export interface Firmware {
  readonly manufacturer?: string
  readonly product?: string
  readonly serial?: string
  readonly uuid?: string
  /** Of the chassis. */
  readonly assetTag?: string
}

/**
 * A network card on a network of its own, with a DHCP server and no way out of it: 10.0.2.0/24 by default; 168.0.0.0/5, in which
 * lie the addresses where clouds have their services, if there are such.
 */
export interface Nic {
  readonly mac?: string
  /** In place of the default: `192.168.77.0/24`. */
  readonly network?: string
  /** Ports of 127.0.0.1 that answer at port 80 of an address of the guest's network. */
  readonly services?: Readonly<Record<string, number>>
  /** File that all packets go to, in the format of pcap. */
  readonly capture?: string
}

/** QEMU's arguments. TCG: a /dev/kvm that is there may still hang. */
export function hardwareArguments(disk: string, format: 'qcow2' | 'raw', {memory = 256, keepsDisk = false, drives = [], firmware, nics = [{}]}: Hardware, sshPort: number): string[] {
  return [
    '-accel', 'tcg', '-cpu', 'max', '-m', String(memory), '-nographic', '-no-reboot',
    '-drive', `file=${disk},format=${format},if=virtio,snapshot=${keepsDisk ? 'off' : 'on'}`,
    ...drives.flatMap(driveArguments),
    ...firmware === undefined ? [] : firmwareArguments(firmware),
    ...nics.flatMap((nic, index) => nicArguments(nic, `nic${index}`, index === 0 ? `,hostfwd=tcp:127.0.0.1:${sshPort}-:22` : '')),
    '-device', 'virtio-rng-pci',
  ]
}

function driveArguments({path, as}: Drive): string[] {
  return ['-drive', `file=${path},format=raw,readonly=on,${as === 'cd' ? 'media=cdrom,if=ide' : 'if=virtio'}`]
}

function firmwareArguments({manufacturer, product, serial, uuid, assetTag}: Firmware): string[] {
  const words = (type: number, fields: Readonly<Record<string, string | undefined>>): string[] => {
    // a comma within a value is doubled
    const given = Object.entries(fields).flatMap(([name, value]) => value === undefined ? [] : [`,${name}=${value.replaceAll(',', ',,')}`])
    return given.length === 0 ? [] : ['-smbios', `type=${type}${given.join('')}`]
  }
  return [...words(1, {manufacturer, product, serial, uuid}), ...words(3, {asset: assetTag})]
}

function nicArguments({mac, network, services = {}, capture}: Nic, id: string, forward: string): string[] {
  const wide = ',net=168.0.0.0/5,host=172.16.0.2,dns=172.16.0.3,dhcpstart=172.16.0.15'
  const place = network !== undefined ? `,net=${network}` : Object.keys(services).length > 0 ? wide : ''
  // a program for each connection: what QEMU connects by itself serves only the first
  const guests = Object.entries(services).map(([address, port]) => `,guestfwd=tcp:${address}:80-cmd:/bin/busybox nc 127.0.0.1 ${port}`)
  return [
    '-netdev', `user,id=${id},restrict=on${place}${forward}${guests.join('')}`,
    '-device', `virtio-net-pci,netdev=${id},romfile=${mac === undefined ? '' : `,mac=${mac}`}`,
    ...capture === undefined ? [] : ['-object', `filter-dump,id=${id}-packets,netdev=${id},file=${capture}`],
  ]
}
