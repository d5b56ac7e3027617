import {nearest} from '../base/nearest.ts'
import {commitPattern} from './grammar.ts'
import {Problem} from './problem.ts'

/** What a repository says that it has: commits by the short names of branches and tags, annotated tags peeled. */
export interface Advertised {
  /** The commit of its own default branch; undefined where it has none. */
  readonly head: string | undefined
  readonly branches: ReadonlyMap<string, string>
  readonly tags: ReadonlyMap<string, string>
}

/** What a ref stands for. */
export interface Resolved {
  readonly commit: string
  /** `refs/heads/…`, `refs/tags/…` or `HEAD`; undefined where a commit was asked for by itself, which nobody has vouched for. */
  readonly name: string | undefined
}

/** Reads what `git ls-remote` prints: `HASH<tab>REF` a line, the commit of an annotated tag as `REF^{}` behind it. */
export function parseAdvertised(text: string): Advertised {
  const refs = new Map(text.split('\n').flatMap((line): [string, string][] => {
    const [, commit, ref] = /^([0-9a-f]{40})\t(.+)$/.exec(line) ?? []
    return commit === undefined || ref === undefined ? [] : [[ref, commit]]
  }))
  const named = (prefix: string): Map<string, string> =>
    new Map([...refs].flatMap(([ref, commit]): [string, string][] =>
      (ref.startsWith(prefix) && !ref.endsWith('^{}') ? [[ref.slice(prefix.length), refs.get(`${ref}^{}`) ?? commit]] : [])))
  return {head: refs.get('HEAD'), branches: named('refs/heads/'), tags: named('refs/tags/')}
}

/**
 * The one commit that a ref means; undefined where the repository has nothing of that name. What could mean two
 * things is refused: a branch called like a tag, and whatever is called like a commit.
 */
export function resolveRef(ref: string, advertised: Advertised, what: string): Resolved | undefined {
  if (ref === 'HEAD') return advertised.head === undefined ? undefined : {commit: advertised.head, name: 'HEAD'}
  const full = fullName(ref)
  if (full !== undefined) return found(advertised, full)
  const names = [`refs/heads/${ref}`, `refs/tags/${ref}`]
  const candidates = names.flatMap((name) => found(advertised, name) ?? [])
  if (looksLikeCommit(ref)) return commitItself(ref, candidates, advertised, what)
  if (candidates.length > 1) {
    throw new Problem('ref-ambiguous', `${what} has a branch and a tag called ${ref}`, {hint: `Write ${names.join(' or ')} as ref.`})
  }
  return candidates[0]
}

/** The branch or tag that was most likely meant, for a hint. */
export function nearestRef(ref: string, {branches, tags}: Advertised): string | undefined {
  return nearest(ref, [...branches.keys(), ...tags.keys()])
}

function commitItself(ref: string, candidates: readonly Resolved[], advertised: Advertised, what: string): Resolved {
  const [name] = candidates
  if (name !== undefined) {
    throw new Problem('ref-ambiguous', `${what} has ${kindOf(name)} called ${ref}, which looks like a commit`, {hint: `If it is meant, write ${name.name} as ref. If the commit is meant, beware: somebody made them look alike.`})
  }
  const commit = ref.toLowerCase()
  if (commitPattern.test(commit)) return {commit, name: undefined}
  const tip = [...advertised.branches.values(), ...advertised.tags.values()].find((whole) => whole.startsWith(commit))
  throw new Problem('ref-ambiguous', `${ref} looks like a commit of ${what}, abbreviated`, {
    hint: tip === undefined ? 'Write all 40 digits.' : `Write all 40 digits; the only branch or tag that it fits points to ${tip}.`,
  })
}

function found(advertised: Advertised, name: string): Resolved | undefined {
  const commit = name.startsWith('refs/tags/') ? advertised.tags.get(name.slice('refs/tags/'.length)) : advertised.branches.get(name.slice('refs/heads/'.length))
  return commit === undefined ? undefined : {commit, name}
}

function fullName(ref: string): string | undefined {
  return /^refs\/(?:heads|tags)\/./.test(ref) ? ref : undefined
}

function looksLikeCommit(ref: string): boolean {
  return /^[0-9a-f]{7,40}$/i.test(ref)
}

function kindOf({name}: Resolved): string {
  return name?.startsWith('refs/tags/') === true ? 'a tag' : 'a branch'
}
