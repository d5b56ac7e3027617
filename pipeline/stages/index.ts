import type {Stage} from '../model/stage.ts'
import {build} from './build.ts'
import {clone} from './clone.ts'
import {configure} from './configure.ts'
import {convert} from './convert.ts'
import {edit} from './edit.ts'
import {feeds} from './feeds.ts'

/** The build on one screen. */
export const stages: readonly Stage[] = [
  clone,
  feeds,
  configure,
  build,
  edit,
  convert,
]
