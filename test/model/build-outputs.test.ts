import test from 'ava'
import {parseManifest, parseProfiles, parseSums} from '../../pipeline/model/build-outputs.ts'
import {namesOf} from '../../pipeline/model/image-name.ts'
import {jobsFor} from '../../pipeline/model/jobs.ts'
import {failedChecks, packagesFor} from '../../pipeline/model/prerequisites.ts'

const hash = 'ab'.repeat(32)

test('what lies beside an image', (t) => {
  t.deepEqual(parseManifest('busybox - 1.37.0-r6\nkernel - 6.12.85~8682-r1\n\n'), [{name: 'busybox', version: '1.37.0-r6'}, {name: 'kernel', version: '6.12.85~8682-r1'}])
  t.deepEqual([...parseSums(`${hash} *a.img.gz\n${hash}  b c.img\nshort *c\n`).keys()], ['a.img.gz', 'b c.img'])
  t.like(parseProfiles(JSON.stringify({version_code: 'r1', profiles: {generic: {images: [{name: 'a.img', type: 'combined', filesystem: 'ext4'}], titles: []}}})), {version_code: 'r1'})
  t.is(parseProfiles('{"profiles": []}'), undefined)
  t.is(parseProfiles('{half'), undefined)
})

test('how releases call the image', (t) => {
  const names = (series: string, firmware: 'bios' | 'efi'): string | undefined => namesOf('x86/64', firmware, {name: series, series})[0]
  t.is(names('17.01', 'bios'), 'lede-x86-64-combined-ext4.img.gz')
  t.is(names('19.07', 'bios'), 'openwrt-x86-64-combined-ext4.img.gz')
  t.is(names('main', 'efi'), 'openwrt-x86-64-generic-ext4-combined-efi.img.gz')
  t.is(names('19.07', 'efi'), undefined)
})

test('jobs follow cores and memory, unless the target says', (t) => {
  const GiB = 2 ** 30
  t.deepEqual(jobsFor(undefined, 2, 24 * GiB), {count: 2, why: '2 jobs: as many as there are cores'})
  t.deepEqual(jobsFor(undefined, 72, 16 * GiB), {count: 10, why: '10 jobs: 16.0 GiB of memory bear no more, though there are 72 cores'})
  t.is(jobsFor(undefined, 4, GiB).count, 1)
  t.deepEqual(jobsFor(7, 2, GiB), {count: 7, why: '7 jobs: build.jobs says so'})
})

test('the packages that mend what OpenWrt\'s own check found', (t) => {
  const output = "Checking 'gcc'... ok.\nChecking 'unzip'... failed.\nChecking 'ncurses.h'... failed.\nChecking 'proper-umask'... failed.\nChecking 'file'... updated.\n"
  t.deepEqual(failedChecks(output), ['unzip', 'ncurses.h', 'proper-umask'])
  t.deepEqual(packagesFor(failedChecks(output), 'openwrt'), ['unzip', 'libncurses-dev'], 'no package mends a umask')
  t.deepEqual(packagesFor(['awk'], 'openwrt'), ['gawk'], "mawk will not do for OpenWrt")
  t.deepEqual(packagesFor(['awk'], 'demo'), ['mawk'])
})
