/** What a disk is written as, by QEMU's names; `stages/convert/formats.ts` has the writer of each. */
export const disks = ['qcow2', 'raw'] as const
export type Disk = (typeof disks)[number]

/** What a disk may be packed in, by the ending; its stream is in the same place. */
export const packings = ['gz', 'zst'] as const
export type Packing = (typeof packings)[number]

/** What `image.formats` takes: `qcow2`, `raw.zst`, … */
export type Format = Disk | `${Disk}.${Packing}`

/** Each disk alone and in each packing. */
export const formats: readonly Format[] = disks.flatMap((disk): Format[] => [disk, ...packings.map((packing) => `${disk}.${packing}` as const)])

/** The endings of files that name a format, for people. A raw disk is called `.img` by everybody. */
export const endings = `${or(disks.flatMap((disk) => (disk === 'raw' ? ['.img', '.raw'] : [`.${disk}`])))}, each alone or with ${or(packings.map((packing) => `.${packing}`))}`

/** The format that a file's name asks for. Undefined for any other ending. */
export function formatOfName(name: string): Format | undefined {
  const endsPacked = new RegExp(String.raw`\.img(?=$|\.(?:${packings.join('|')})$)`)
  const plain = name.replace(endsPacked, '.raw')
  return formats.toSorted((a, b) => b.length - a.length).find((format) => plain.endsWith(`.${format}`))
}

function or(names: readonly string[]): string {
  return [names.slice(0, -1).join(', '), ...names.slice(-1)].filter((part) => part !== '').join(' or ')
}
