import {stat} from 'node:fs/promises'
import {join} from 'node:path'
import {hashFile} from '../../base/hash-file.ts'
import {namesIn, readIfThere} from '../../base/if-there.ts'
import {parseProfiles, parseSums} from '../../model/build-outputs.ts'
import {imageTypes, namesOf} from '../../model/image-name.ts'
import {Problem} from '../../model/problem.ts'
import type {Recipe} from '../../model/recipe.ts'
import type {Release} from '../../model/release.ts'

export interface FoundImage {
  readonly name: string
  readonly sha256: string
  /** Bytes. */
  readonly size: number
}

/**
 * Finds the disk image with the ext4 root among what a build left in `bin/targets/…`: by `profiles.json`, else by the names of the release.
 * Nothing empties that folder between builds, so an image that is older than the build is taken only if the build made none at
 * all, as it does when nothing was to do. @param since milliseconds since the epoch at which make began
 */
export async function findImage(folder: string, recipe: Recipe, release: Release, since: number): Promise<FoundImage> {
  const wanted = await wantedNames(folder, recipe, release)
  const there = await imagesIn(folder)
  const fresh = there.filter(({time}) => time >= since)
  const [newest] = (fresh.length > 0 ? fresh : there).filter(({name}) => wanted.includes(name)).sort((a, b) => b.time - a.time)
  if (newest === undefined) throw notThere(folder, wanted, there.map(({name}) => name), fresh.map(({name}) => name))
  const {sha256} = await hashFile(join(folder, newest.name), ['sha256'])
  const stated = parseSums(await readIfThere(join(folder, 'sha256sums')) ?? '').get(newest.name)
  if (stated !== undefined && stated !== sha256) {
    throw new Problem('image-missing', `${join(folder, newest.name)} is not the file that was built: its SHA-256 is ${sha256}, but sha256sums says ${stated}`, {
      hint: 'Remove it, then run the same command again.',
    })
  }
  return {name: newest.name, sha256, size: newest.size}
}

async function wantedNames(folder: string, {platform, image}: Recipe, release: Release): Promise<string[]> {
  const profiles = parseProfiles(await readIfThere(join(folder, 'profiles.json')) ?? '')
  const images = Object.values(profiles?.profiles ?? {}).flatMap((profile) => profile.images)
  const named = images.filter(({type, filesystem, name}) => type === imageTypes[image.firmware] && (filesystem ?? /ext4/.exec(name)?.[0]) === 'ext4')
  return named.length > 0 ? named.map(({name}) => name) : namesOf(platform, image.firmware, release)
}

interface Candidate {
  readonly name: string
  readonly size: number
  /** Milliseconds since the epoch. */
  readonly time: number
}

async function imagesIn(folder: string): Promise<Candidate[]> {
  const names = (await namesIn(folder)).filter((name) => /\.img(?:\.gz)?$/.test(name))
  return Promise.all(names.map(async (name) => {
    const {size, mtimeMs} = await stat(join(folder, name))
    return {name, size, time: mtimeMs}
  }))
}

function notThere(folder: string, wanted: readonly string[], there: readonly string[], fresh: readonly string[]): Problem {
  const old = wanted.find((name) => there.includes(name))
  const found = fresh.length > 0 ? fresh : there
  const made = found.length === 0 ? 'no image at all' : found.join(', ')
  const what = old === undefined ? `the build ended well, but ${folder} has no ${wanted.join(' or ')}: it has ${made}`
    : `${join(folder, old)} is from an earlier build; this one made ${made}`
  return new Problem('image-missing', what, {hint: 'Look whether config of the target takes ext4 or GRUB away, or renames images (VERSION_FILENAMES).'})
}
