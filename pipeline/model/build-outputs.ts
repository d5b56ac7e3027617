import {z} from 'zod'

/** One image that a build made, as `profiles.json` (19.07 on) has it. */
const image = z.object({
  name: z.string(),
  type: z.string().optional(),
  filesystem: z.string().optional(),
  sha256: z.string().optional(),
})

const profiles = z.object({
  version_number: z.string().optional(),
  version_code: z.string().optional(),
  linux_kernel: z.object({version: z.string(), vermagic: z.string().optional()}).optional(),
  profiles: z.record(z.string(), z.object({images: z.array(image)})),
})

/** What lies beside the images, as far as we read it. */
export type Profiles = z.output<typeof profiles>

/** Undefined for what is not the JSON that OpenWrt writes. */
export function parseProfiles(text: string): Profiles | undefined {
  try {
    return profiles.safeParse(JSON.parse(text)).data
  } catch {
    return undefined
  }
}

export interface InstalledPackage {
  readonly name: string
  readonly version: string
}

/** The packages in the image, out of its `.manifest`: `busybox - 1.37.0-r6` a line. */
export function parseManifest(text: string): InstalledPackage[] {
  return text.split('\n').flatMap((line) => {
    const [, name, version] = /^(\S+) - (\S+)/.exec(line) ?? []
    return name === undefined || version === undefined ? [] : [{name, version}]
  })
}

/** The hashes in `sha256sums`, by file name. */
export function parseSums(text: string): Map<string, string> {
  return new Map(text.split('\n').flatMap((line) => {
    const [, hash, name] = /^([\da-f]{64}) [ *](.+)$/.exec(line) ?? []
    return hash === undefined || name === undefined ? [] : [[name, hash]]
  }))
}

/** What `build` leaves for the stages after it: `built.json`. */
export interface Built {
  /** Absolute path of the disk image with the ext4 root, as OpenWrt made it: raw or `.gz`, perhaps with a signature behind. */
  readonly image: string
  readonly sha256: string
  /** Bytes. */
  readonly size: number
  readonly release: string
  /** `r33051-f5dae5ece4` */
  readonly revision: string | undefined
  readonly kernel: string | undefined
  readonly packages: readonly InstalledPackage[]
  /** What OpenWrt says of how it was built, by file name. */
  readonly buildinfo: Readonly<Record<string, string>>
}
