import {createHash} from 'node:crypto'

/** A repository and who else has the same commits. */
export interface Remote {
  readonly repository: string
  /** Tried in this order after `repository`. */
  readonly mirrors: readonly string[]
}

/**
 * What makes two URLs one repository: host and path. The scheme, a user, a default port, a closing `/` or `.git` and the
 * case of the host make no difference.
 */
export function identityOf(url: string): string {
  const scp = /^(?:[^@/]+@)?([\w.-]+):(?!\/\/)(.+)$/.exec(url)
  const [, authority = '', path = url] = /^[a-z][a-z0-9+.-]*:\/\/([^/]*)(\/.*)?$/i.exec(scp ? `ssh://${scp[1]}/${scp[2]}` : url) ?? []
  const host = authority.replace(/^.*@/, '').replace(/:(?:22|80|443|9418)$/, '').toLowerCase()
  return host + path.replace(/\/+$/, '').replace(/\.git$/, '')
}

/** The name under which a repository lies in the cache: something to recognise it by, and a hash. */
export function cacheName(url: string): string {
  const identity = identityOf(url)
  const readable = identity.split('/').filter(Boolean).slice(-2).join('-').replaceAll(/[^\w.-]/g, '_').replace(/^[.-]+/, '')
  return `${readable}-${createHash('sha256').update(identity).digest('hex').slice(0, 12)}`
}

/** A URL for people: without user and password. */
export function shownUrl(url: string): string {
  return url.replace(/^([a-z][a-z0-9+.-]*:\/\/)[^/@]*@/i, '$1')
}

/** Where OpenWrt's repositories can be had as well. */
const mirrored: readonly (readonly [RegExp, string])[] = [
  [/^git\.openwrt\.org\/openwrt\/openwrt$/, 'https://github.com/openwrt/openwrt.git'],
  [/^git\.openwrt\.org\/(?:feed|project)\/(luci|packages|routing|telephony|video)$/, 'https://github.com/openwrt/$1.git'],
  [/^github\.com\/openwrt\/(packages|routing|telephony|video)$/, 'https://git.openwrt.org/feed/$1.git'],
  [/^github\.com\/openwrt\/luci$/, 'https://git.openwrt.org/project/luci.git'],
  [/^github\.com\/openwrt\/openwrt$/, 'https://git.openwrt.org/openwrt/openwrt.git'],
]

/** Every URL to try, in order: the repository, the mirrors that were given, and those that everybody knows. */
export function urlsOf({repository, mirrors}: Remote): readonly string[] {
  const given = [...new Set([repository, ...mirrors])]
  const identity = identityOf(repository)
  const known = mirrored.flatMap(([pattern, mirror]) => (pattern.test(identity) ? [identity.replace(pattern, mirror)] : []))
  return [...given, ...known.filter((url) => !given.some((other) => identityOf(other) === identityOf(url)))]
}
