import {existsSync, readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import test, {type ExecutionContext} from 'ava'
import type {FeedRecord} from '../../pipeline/model/feeds-record.ts'
import type {SourceRecord} from '../../pipeline/model/source-record.ts'
import {cli, type CliOptions} from '../helpers/cli.ts'
import {rcCloud} from '../helpers/cloud-root.ts'
import {packageFiles} from '../helpers/feeds.ts'
import {writeFiles} from '../helpers/files.ts'
import {git} from '../helpers/git.ts'
import {tempDir} from '../helpers/temp.ts'

/*
 * The real OpenWrt, from a folder of bare repositories (openwrt.git, packages.git, routing.git, …) that stand for the public
 * ones. Each release takes minutes, nearly all of it in OpenWrt's own scan of its packages.
 */
const repositories = process.env['CLOUDWRT_TEST_OPENWRT']
const why = repositories === undefined ? ' (skipped: CLOUDWRT_TEST_OPENWRT names no folder of repositories)' : ''
const real = test.serial.runIf(repositories !== undefined)
const refs = (process.env['CLOUDWRT_TEST_REFS'] ?? 'openwrt-21.02 openwrt-24.10 openwrt-25.12 main').split(' ')

const urls = {
  openwrt: 'https://git.openwrt.org/openwrt/openwrt.git', packages: 'https://git.openwrt.org/feed/packages.git', routing: 'https://git.openwrt.org/feed/routing.git',
  telephony: 'https://git.openwrt.org/feed/telephony.git', luci: 'https://git.openwrt.org/project/luci.git', video: 'https://github.com/openwrt/video.git',
}

/** Public URLs that lead to the folder, and nowhere else. */
function gitConfig(folder: string): string {
  const mapped = Object.entries(urls).map(([name, url]) => `[url "file://${folder}/${name}.git"]\n\tinsteadOf = ${url}\n`)
  return `${mapped.join('')}[url "file:///nowhere/"]\n\tinsteadOf = https://github.com/openwrt/\n`
}

async function makeProject(t: ExecutionContext, ref: string, prune: readonly string[]): Promise<CliOptions> {
  const folder = await tempDir(t)
  writeFiles(folder, {
    '.gitconfig': gitConfig(repositories ?? ''), ...Object.fromEntries(Object.entries(packageFiles('tool', '+busybox +jq')).map(([name, text]) => [`own/${name}`, text])),
    'targets/x.yaml': `source: {repository: ${urls.openwrt}, ref: ${ref}}\nfeeds: {prune: [${prune.join(', ')}], add: {own: {path: ../own}}}\npackages: [tool]\n`,
  })
  return {cwd: folder, env: {HOME: folder}}
}

const absent = ['packages', 'luci', 'routing', 'telephony', 'video'].filter((name) => repositories !== undefined && !existsSync(join(repositories, `${name}.git`)))

for (const ref of refs) {
  real(`${ref} of OpenWrt: lock, clone, feeds${why}`, async (t) => {
    t.timeout(1_800_000)
    const project = await makeProject(t, ref, absent)
    const {code, stderr} = await cli(['build', 'x', '--until', 'feeds'], project)
    t.is(code, 0, stderr)
    const read = <Value>(name: string): Value => JSON.parse(readFileSync(join(project.cwd, 'build/x', name), 'utf8')) as Value
    const {revision, commit = ''} = read<SourceRecord>('source.json')
    const count = git(join(repositories ?? '', 'openwrt.git'), 'rev-list', '--count', `ee53a240ac902dc83209008a2671e7fdcf55957a..${commit}`)
    t.is(revision, `r${count}-${commit.slice(0, 10)}`)
    const tree = join(project.cwd, 'build/x/tree')
    t.is(git(tree, 'status', '--porcelain'), '')
    const records = read<FeedRecord[]>('feeds.json')
    for (const {name, commit: pin} of records) if (pin !== undefined) t.is(git(join(tree, 'feeds', name), 'rev-parse', 'HEAD'), pin)
    t.true(records.find(({name}) => name === 'packages')?.installed.includes('jq'))
  })

  real(`${ref} of OpenWrt: a package that needs jq stops at feeds when packages is pruned${why}`, async (t) => {
    t.timeout(1_800_000)
    const project = await makeProject(t, ref, [...new Set([...absent, 'packages'])])
    const {code, stderr} = await cli(['build', 'x', '--until', 'feeds'], project)
    t.is(code, 1)
    t.regex(stderr, /tool needs jq, and jq is in the feed packages, which this target prunes/)
  })

  real(`${ref} of OpenWrt: rc.cloud is configured in with every feed of OpenWrt pruned${why}`, async (t) => {
    t.timeout(1_800_000)
    const project = await makeProject(t, ref, ['packages', 'luci', 'routing', 'telephony', 'video'])
    writeFiles(project.cwd, {'targets/y.yaml': `extends: x\nfeeds: {add: {cloud: {path: ${dirname(rcCloud)}}}}\npackages: [-tool, rc.cloud]\n`})
    const {code, stderr} = await cli(['build', 'y', '--until', 'configure'], project)
    t.is(code, 0, stderr)
    const read = (name: string): string => readFileSync(join(project.cwd, 'build/y', name), 'utf8')
    t.regex(read('config/final.config'), /^CONFIG_PACKAGE_rc\.cloud=y$/m)
    t.deepEqual((JSON.parse(read('config/diff.json')) as {losses: unknown}).losses, [])
const described = /^Package: rc\.cloud\n(?:(?!@@).*\n)*?Depends: (.*)$/m.exec(read('tree/tmp/.packageinfo'))?.[1]
    // what every package of the release has
    t.regex(described ?? '', /^\+libc(?: \+USE_GLIBC:\w+)* *$/)
    t.notRegex(read('logs/configure.log'), /rc\.cloud.*has a (?:build )?dependency/)
  })
}
