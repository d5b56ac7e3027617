/**
 * What the texts of a target may look like. Each function gives the complaint, or undefined where there is none; none
 * repeats the text, which stands beside the complaint anyway.
 */
type Complaint = string | undefined

/** A target's, overlay's or cloud's name: also a file name. */
export const namePattern = /^[A-Za-z0-9][\w.-]*$/

/** A feed's name. `scripts/feeds` reads `\w+` and takes what follows a `-` or `.` for a syntax error. */
export const feedNamePattern = /^[A-Za-z0-9]\w*$/

/** A package as OpenWrt names them, with a `-` before it where it is to go. Nothing in it means anything to a shell. */
export const packagePattern = /^-?[A-Za-z0-9][\w.+-]*$/

/** A Kconfig symbol without `CONFIG_`; package names put dots, dashes and plus signs into it. */
export const symbolPattern = /^[A-Za-z0-9][\w.+-]*$/

/** The name of an environment variable. */
export const variablePattern = /^[A-Za-z_]\w*$/

export const commitPattern = /^[0-9a-f]{40}$/

export function complainOfLine(text: string): Complaint {
  return text === '' || /\p{Cc}/u.test(text) ? 'expected one line of text' : undefined
}

export function complainOfSymbol(symbol: string): Complaint {
  if (symbol.startsWith('CONFIG_')) return `symbols are written without CONFIG_: ${symbol.slice('CONFIG_'.length)}`
  return symbolPattern.test(symbol) ? undefined : 'not a Kconfig symbol: letters, digits and _ . + - only'
}

/** Texts for a symbol. A real boolean or number never comes here. */
export function complainOfSymbolText(text: string): Complaint {
  if (/^(y|n|yes|no|on|off)$/i.test(text)) return 'a symbol is switched by true or false, without quotes'
  // .config is read by make too: there `$` is expanded, and a control character ends or splits the line
  if (/[$`]/.test(text)) return 'make would expand the $ or ` in it'
  return /\p{Cc}/u.test(text) ? 'a symbol has one line, without control characters' : undefined
}

export function complainOfPackage(name: string): Complaint {
  if (/^PACKAGE_|^CONFIG_/.test(name)) return 'packages are written without CONFIG_PACKAGE_'
  return packagePattern.test(name) ? undefined : 'not the name of a package: letters, digits and . _ + - only, a - before it takes it away'
}

/**
 * A branch, a tag or a full commit. What looks like part of a hash is refused although a branch might be called so:
 * `git fetch` cannot bring it, and `scripts/feeds` builds another commit in silence.
 */
export function complainOfRef(ref: string): Complaint {
  if (/^[0-9a-f]+$/i.test(ref) && ref.length >= 7) {
    if (ref.length === 40) return undefined
    return ref.length < 40
      ? `looks like a hash of ${ref.length} digits: a short one cannot be fetched, so write all 40 (a branch of that name is refs/heads/${ref})`
      : `looks like a hash, but has ${ref.length} digits, not 40`
  }
  const legal = /^[^\s~^:?*[\\\p{Cc}-][^\s~^:?*[\\\p{Cc}]*$/u.test(ref) && !/\.\.|@\{|\/\/|\/$|\.$|\.lock$|^\/|^@$/.test(ref)
  return legal ? undefined : 'not a name that git takes for a branch or tag'
}

/** Where git may fetch from. Only transports that cannot be made to start a program. */
export function complainOfRepository(url: string): Complaint {
  if (/[\s\p{Cc}]/u.test(url)) return 'a URL has no white space'
  if (/[#;^]/.test(url)) return 'a URL here has no # ; or ^, which feeds.conf cuts at: give the branch or commit as ref'
  // of ssh the user alone is no secret; of http it may be a token
  if (/^(https?:\/\/[^/@]*|[a-z+]+:\/\/[^/@]*:[^/@]*)@/i.test(url)) return 'a user, token or password in a URL would be shown and logged: use a git credential helper'
  const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(url)?.[1]?.toLowerCase()
  const known = scheme === undefined ? /^\.{0,2}\//.test(url) || /^\w[\w.-]*@\w[\w.-]*:[^-]/.test(url) : /^(https?|git|ssh|file):\/\/[^-/]|^file:\/\/\//i.test(url)
  return known ? undefined : 'not a repository: an https:, http:, git:, ssh: or file: URL, user@host:path, or a folder that begins with / ./ or ../'
}

/** A path is taken from the folder of the file that says it. */
export function complainOfPath(path: string): Complaint {
  if (path === '') return 'is empty'
  if (path.startsWith('~')) return '~ is not expanded: write the whole path, or one from the folder of this file'
  return /\p{Cc}/u.test(path) ? 'a path has no control characters' : undefined
}

/** A name of an overlay, or a path: it has a `/`, or is a tar archive. */
export function isOverlayPath(overlay: string): boolean {
  return overlay.includes('/') || /\.(tar|tar\.\w+|tgz)$/.test(overlay)
}

export function complainOfOverlay(overlay: string): Complaint {
  if (isOverlayPath(overlay)) return complainOfPath(overlay)
  return namePattern.test(overlay.replace(/^-/, '')) ? undefined : 'neither the name of an overlay nor a path'
}
