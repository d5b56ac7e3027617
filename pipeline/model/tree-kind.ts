import {units} from '../base/size.ts'

/** What it takes to build a tree. */
export interface TreeKind {
  /** A file, relative to the tree, that tells this kind. */
  readonly marker: string
  readonly purpose: 'openwrt' | 'demo'
  /** Bytes of disk from the first step to the image. OpenWrt says 10 to 15 GB for one target. */
  readonly disk: number
  /** Bytes that are still needed once it has been built. */
  readonly diskAgain: number
  /** Bytes of memory without which no job gets through. */
  readonly memory: number
}

/** The first whose marker is there. */
export const treeKinds: readonly [TreeKind, ...TreeKind[]] = [
  // a tree that compiles a toolchain of its own
  {marker: 'toolchain/Makefile', purpose: 'openwrt', disk: 15 * units.GiB, diskAgain: 3 * units.GiB, memory: 2 * units.GiB},
  // one that only puts together what is there
  {marker: 'Makefile', purpose: 'demo', disk: units.GiB, diskAgain: units.GiB / 2, memory: units.GiB / 4},
]
