import {basename} from 'node:path'
import type {Draft, DraftFeed, DraftSource} from '../model/draft.ts'
import type {Overlay, Password} from '../model/recipe.ts'
import type {Target} from '../model/target.ts'
import {find, type Located, type Path} from './located.ts'
import type {NamedFiles} from './named-files.ts'

/** A valid target as a Draft: paths are absolute, keys are read, of each package the last word counts. */
export function draftOf(name: string, target: Target, tree: Located, files: NamedFiles): Draft {
  const at = pathsIn(tree, files)
  const {'config-allow': configAllow, image, build, root, boot, upload} = target
  return {
    target: name,
    description: target.description,
    source: sourceOf(target, at),
    platform: target.platform,
    feeds: {
      prune: target.feeds.prune,
      add: Object.entries(target.feeds.add).flatMap(([feed, said]) => (said === null ? [] : [feedOf(feed, said, at)])),
      install: target.feeds.install,
    },
    packages: packagesOf(target.packages),
    config: Object.fromEntries(Object.entries(target.config).flatMap(([symbol, value]) => (value === null ? [] : [[symbol, value]]))),
    configAllow: [...new Set(configAllow)],
    image,
    build: {jobs: build.jobs, ccache: build.ccache, keys: build.keys === undefined ? undefined : at(['build', 'keys'], build.keys)},
    root: {
      password: passwordOf(root.password, at),
      keys: [...new Set(root.keys.flatMap((key, index) => (typeof key === 'string' ? [key.trim()] : keysAt(tree, files, index))))],
      overlays: overlaysOf(root.overlays, at),
    },
    boot,
    upload,
  }
}

/** The absolute path of what stands at a path of the target; what stands there itself, where that is a URL. */
type At = (path: Path, said: string) => string

function pathsIn(tree: Located, files: NamedFiles): At {
  return (path, said) => {
    const node = find(tree, path)
    return (node === undefined ? undefined : files.paths.get(node)) ?? said
  }
}

function sourceOf({source}: Target, at: At): DraftSource {
  if (source.path !== undefined) return {kind: 'path', path: at(['source', 'path'], source.path)}
  if (source.tree !== undefined) return {kind: 'tree', path: at(['source', 'tree'], source.tree)}
  const {repository = '', mirrors = [], ref = ''} = source
  return {
    kind: 'git',
    repository: at(['source', 'repository'], repository),
    mirrors: mirrors.map((mirror, index) => at(['source', 'mirrors', index], mirror)),
    ref: refOf(ref),
  }
}

function feedOf(name: string, said: NonNullable<Target['feeds']['add'][string]>, at: At): DraftFeed {
  const path = ['feeds', 'add', name]
  if (said.path !== undefined) return {kind: 'path', name, path: at([...path, 'path'], said.path)}
  const {git = '', mirrors = [], ref = 'HEAD'} = said
  return {kind: 'git', name, repository: at([...path, 'git'], git), mirrors: mirrors.map((mirror, index) => at([...path, 'mirrors', index], mirror)), ref: refOf(ref)}
}

/** git prints hashes in lower case, and the lock is compared with what git prints. */
function refOf(ref: string): string {
  return /^[0-9a-f]{40}$/i.test(ref) ? ref.toLowerCase() : ref
}

function packagesOf(said: readonly string[]): Draft['packages'] {
  const wanted = new Map<string, boolean>()
  for (const word of said) {
    const name = word.replace(/^-/, '')
    wanted.delete(name)
    wanted.set(name, name === word)
  }
  const names = (wish: boolean): string[] => [...wanted].flatMap(([name, add]) => (add === wish ? [name] : []))
  return {add: names(true), remove: names(false)}
}

function passwordOf(password: Target['root']['password'], at: At): Password {
  if (typeof password === 'string') return {kind: password}
  if (password.env !== undefined) return {kind: 'env', name: password.env}
  if (password.file !== undefined) return {kind: 'file', path: at(['root', 'password', 'file'], password.file)}
  return {kind: 'hash-file', path: at(['root', 'password', 'hash-file'], password['hash-file'] ?? '')}
}

function keysAt(tree: Located, files: NamedFiles, index: number): readonly string[] {
  const node = find(tree, ['root', 'keys', index, 'file'])
  return (node === undefined ? undefined : files.keys.get(node)) ?? []
}

/** In order; one that is named again keeps its first place, one that is taken away leaves it. */
function overlaysOf(said: readonly string[], at: At): readonly Overlay[] {
  const overlays = new Map<string, Overlay>()
  for (const [index, word] of said.entries()) {
    if (word.startsWith('-')) overlays.delete(word.slice(1))
    else if (!overlays.has(word)) overlays.set(word, {name: basename(word).replace(/\.(tar|tar\.\w+|tgz)$/, ''), path: at(['root', 'overlays', index], word)})
  }
  return [...overlays.values()]
}
