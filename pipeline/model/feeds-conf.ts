import {commitPattern, feedNamePattern} from './grammar.ts'
import {Problem, throwAll} from './problem.ts'
import type {Feed} from './recipe.ts'

/** A feed as a line of feeds.conf says it. */
export interface FeedLine {
  readonly name: string
  /** `src-git`, `src-git-full`, `src-link`, … */
  readonly type: string
  /** `--force`, `--root=DIR`, as they stand; for 25.12 and later both, from 19.07 on the first. */
  readonly flags: readonly string[]
  /** URL or path without branch and commit. */
  readonly url: string
  /** What is asked of a repository: a branch, a commit, or `HEAD`. */
  readonly ref: string
  /** Counts from 1. */
  readonly line: number
  /** The line without its comment. */
  readonly text: string
}

/** What a feeds.conf says: feeds, and the lines between them, in order. */
export type FeedsConf = readonly (FeedLine | {readonly comment: string})[]

/** The types that a commit can pin. */
const pinnable = ['src-git', 'src-git-full']

/** Taken as they are: folders, and the one that stands for nothing. */
const local = ['src-link', 'src-cpy', 'src-dummy']

export function isLocal({type}: Pick<FeedLine, 'type'>): boolean {
  return local.includes(type)
}

/** All of a repository's history, not only one commit: releases up to 21.02 number packages by counting commits. */
export function wantsHistory({type}: Pick<FeedLine, 'type'>): boolean {
  return type === 'src-git-full'
}

export function isPinnable({type}: Pick<FeedLine, 'type'>): boolean {
  return pinnable.includes(type)
}

/** The feeds of a feeds.conf. */
export function feedLines(conf: FeedsConf): readonly FeedLine[] {
  return conf.filter((line): line is FeedLine => 'name' in line)
}

/**
 * Reads a feeds.conf as `scripts/feeds` of every release does, but says what that would read wrong in silence: flags
 * behind the name, several locations, abbreviated commits. Throws Problems, `feeds-conf-invalid`, with their lines.
 *
 * @param file as people are to see it
 */
export function parseFeedsConf(text: string, file: string): FeedsConf {
  const names = new Set<string>()
  const problems: Problem[] = []
  const lines = text.split(/\r?\n/).map((raw, index): FeedsConf[number] => {
    const content = raw.replace(/#.*$/, '').trim()
    // a # alone is a syntax error to scripts/feeds
    if (content === '') return {comment: raw.trim() === '#' ? '' : raw.trimEnd()}
    const complain: Complain = (message, hint) => {
      problems.push(new Problem('feeds-conf-invalid', `${file}: ${message}`, {at: {file, line: index + 1, text: raw}, ...(hint === undefined ? {} : {hint})}))
    }
    const feed = parseLine(content, index + 1, complain)
    if (names.has(feed.name)) complain(`the feed ${feed.name} is there twice`)
    names.add(feed.name)
    return feed
  })
  throwAll(problems)
  return lines
}

type Complain = (message: string, hint?: string) => void

function parseLine(content: string, line: number, complain: Complain): FeedLine {
  const [type = '', ...words] = content.split(/\s+/)
  if (!/^src-[\w-]+$/.test(type)) complain(`expected a type of feed, as src-git, and found ${type}`)
  if (type === 'src-include') complain('other files that it includes cannot be pinned', 'Name their feeds in the target as feeds.add.')
  const flagCount = words.findIndex((word) => !word.startsWith('--'))
  const flags = words.slice(0, flagCount < 0 ? words.length : flagCount)
  const [name = '', location = '', ...more] = words.slice(flags.length)
  if (!feedNamePattern.test(name)) complain(`${name} is no name for a feed: letters, digits and _ only`)
  if (location.startsWith('--') || more.some((word) => word.startsWith('--'))) complain('flags stand before the name: behind it they are taken for a location')
  if (more.length > 0) complain('a feed has one location, without spaces: scripts/feeds takes each part for one of its own')
  return {name, type, flags, line, text: content, ...parseLocation(type, location, complain)}
}

function parseLocation(type: string, location: string, complain: Complain): Pick<FeedLine, 'url' | 'ref'> {
  if (!pinnable.includes(type)) return {url: location, ref: 'HEAD'}
  const [, url = '', separator, ref = 'HEAD'] = /^([^;^]*)(?:([;^])(.*))?$/.exec(location) ?? []
  if (url === '') complain('the feed has no location')
  if (separator === ';' && ref.includes('^')) complain('a branch and a commit at once: scripts/feeds looks for a branch of that name')
  if (separator === '^' && !commitPattern.test(ref)) complain(`${ref} is no full commit: scripts/feeds would build another one in silence`, 'Write all 40 digits.')
  return {url, ref}
}

/** What is to become of the feeds of a feeds.conf.default. */
export interface FeedsPlan {
  /** Names of feeds that are left out. */
  readonly prune: readonly string[]
  /** Commits of those that stay, by name. */
  readonly pins: ReadonlyMap<string, string>
  /** The target's own; they come first, so that theirs is the package that two feeds have. */
  readonly add: readonly Feed[]
}

/** Writes the feeds.conf of a target: what the default says, each feed pinned, the pruned ones left as comments. */
export function renderFeedsConf(conf: FeedsConf, {prune, pins, add}: FeedsPlan): string {
  const kept = conf.map((line) => {
    if ('comment' in line) return line.comment
    if (prune.includes(line.name)) return `# pruned: ${line.text}`
    return [line.type, ...line.flags, line.name, locationOf(line.url, pins.get(line.name))].join(' ')
  })
  const lines = ['# Written by cloudwrt from feeds.conf.default and the target; what is changed here is lost.', ...add.map(addedLine), ...kept]
  return `${lines.join('\n').trimEnd()}\n`
}

/** What `scripts/feeds` compares to see whether a feed comes from elsewhere than before. */
export function locationOf(url: string, commit: string | undefined): string {
  return commit === undefined ? url : `${url}^${commit}`
}

function addedLine(feed: Feed): string {
  return feed.kind === 'path' ? `src-link ${feed.name} ${feed.path}` : `src-git ${feed.name} ${locationOf(feed.repository, feed.commit)}`
}

/** Whether a file is a feeds.conf that was written by `renderFeedsConf`. */
export function isOurFeedsConf(text: string): boolean {
  return text.startsWith('# Written by cloudwrt ')
}

/** Why a path cannot stand in feeds.conf; undefined where it can. The shell, make and the grammar each have their say. */
export function complainOfFeedPath(path: string): string | undefined {
  if (/\s/.test(path)) return 'scripts/feeds takes what is behind a space for another location'
  if (/#/.test(path)) return 'scripts/feeds takes what is behind a # for a comment'
  return /^[\w@%+=:,./~-]+$/.test(path) ? undefined : 'scripts/feeds hands it to a shell: letters, digits and @ % + = : , . / ~ _ - only'
}

/** Feeds that OpenWrt's releases have or had: a target for several of them may prune what one has not. */
export const knownFeeds: readonly string[] = [
  'packages', 'luci', 'routing', 'telephony', 'video', 'freifunk', 'management', 'targets', 'oldpackages',
  'alljoyn', 'desktop', 'efl', 'lxde', 'phone', 'xfce', 'xorg', 'xwrt',
]
