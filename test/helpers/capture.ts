import {readFileSync} from 'node:fs'

/**
 * Whom a card asked for, in the order of its packets: the addresses that IPv4 and IPv6 packets were sent to, and those that it looked
 * for by ARP. IPv6 as eight groups of four digits.
 */
export function destinations(capture: string, mac: string): string[] {
  return packetsOf(readFileSync(capture)).filter((packet) => packet.subarray(6, 12).toString('hex') === mac.replaceAll(':', '')).flatMap(destination)
}

/** A file of pcap: a header of 24 bytes, then packets with 16 bytes of their own before them. In the byte order of this machine. */
function packetsOf(bytes: Buffer): Buffer[] {
  if (bytes.readUInt32LE(0) !== 0xa1b2c3d4) throw new Error('not a capture of packets')
  const packets: Buffer[] = []
  for (let at = 24; at + 16 <= bytes.length;) {
    const length = bytes.readUInt32LE(at + 8)
    packets.push(bytes.subarray(at + 16, at + 16 + length))
    at += 16 + length
  }
  return packets
}

function destination(packet: Buffer): string[] {
  switch (packet.readUInt16BE(12)) {
    case 0x0800: return [packet.subarray(30, 34).join('.')]
    case 0x0806: return [packet.subarray(38, 42).join('.')]
    case 0x86dd: return [packet.subarray(38, 54).toString('hex').replace(/(?<=.)(?=(?:.{4})+$)/g, ':')]
    default: return []
  }
}
