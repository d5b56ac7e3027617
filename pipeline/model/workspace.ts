import {join} from 'node:path'
import type {Recipe} from './recipe.ts'

/** Where a user's project lies and what is shared by all its targets. All paths are absolute. */
export interface Project {
  /** The folder that cloudwrt was called in: `build/` and `images/` go here. */
  readonly root: string
  /** Shared by all projects of this user: git objects, downloads, keys. */
  readonly cache: string
}

/** The folder where one Recipe is built, and the place of everything in it. All paths are absolute. */
export class Workspace {
  readonly project: Project
  readonly target: string
  readonly #tree: string | undefined

  constructor(project: Project, {target, source}: Pick<Recipe, 'target'> & {readonly source: Pick<Recipe['source'], 'kind'> & {readonly path?: string}}) {
    this.project = project
    this.target = target
    this.#tree = source.kind === 'tree' ? source.path : undefined
  }

  get root(): string { return join(this.project.root, 'build', this.target) }
  /** The OpenWrt tree: ours, or the user's own when the source is `{tree: DIR}`. */
  get tree(): string { return this.#tree ?? join(this.root, 'tree') }
  /** HOME of every program that OpenWrt's build starts: nothing of the user's leaks in. */
  get home(): string { return join(this.root, 'home') }
  /** One JSON file a stage: the fingerprint that succeeded last. */
  get stamps(): string { return join(this.root, 'stamps') }
  get logs(): string { return join(this.root, 'logs') }
  log(stage: string): string { return join(this.logs, `${stage}.log`) }
  /** Random key (32 bytes, 0600) under which secrets enter fingerprints. */
  get secretKey(): string { return join(this.root, 'secret.key') }
  get lock(): string { return join(this.root, 'lock') }

  /** What `clone` says of the tree: commit, revision, where it came from. */
  get source(): string { return join(this.root, 'source.json') }
  /** What `feeds` says of each feed: name, URL, commit. */
  get feeds(): string { return join(this.root, 'feeds.json') }
  /** What was asked of `make defconfig`, what it gave, and the difference. */
  get seedConfig(): string { return join(this.root, 'config', 'seed.config') }
  get finalConfig(): string { return join(this.root, 'config', 'final.config') }
  get configDiff(): string { return join(this.root, 'config', 'diff.json') }
  /** The configuration that a tree of the user's own had before ours. */
  get foundConfig(): string { return join(this.root, 'config', 'found.config') }
  /** Which keys packages are signed with; public halves only. */
  get keyRecord(): string { return join(this.root, 'config', 'keys.json') }
  /** What `build` found of its image: file, hash, package list; see `stages/build.ts`. */
  get built(): string { return join(this.root, 'built.json') }
  /** A folder with that image alone, under OpenWrt's name for it. */
  get builtFolder(): string { return join(this.root, 'built') }
  /** The image that was built as a raw disk, kept from edit to edit, and what it was unpacked from. */
  get unpacked(): string { return join(this.root, 'unpacked') }
  /** Where the edited image is put together. */
  get editFolder(): string { return join(this.root, 'edit') }
  /** The hash of a password that was given in plain: 0600. */
  get passwordHash(): string { return join(this.root, 'password.json') }
  /** The edited image, raw and sparse. */
  get edited(): string { return join(this.root, 'edited.img') }
  /** What `edit` did: partitions, editor, files, sizes. */
  get editRecord(): string { return join(this.root, 'edited.json') }

  /** The finished images and their manifest. */
  get images(): string { return join(this.project.root, 'images', this.target) }
  image(name: string): string { return join(this.images, name) }
  get manifest(): string { return this.image('manifest.json') }
  get checksums(): string { return this.image('SHA256SUMS') }
  get journal(): string { return this.image('journal.jsonl') }

  /** Bare git repositories, one a remote. */
  get gitCache(): string { return join(this.project.cache, 'git') }
  /** Source archives and packages that `make download` brings, shared by all targets. */
  get downloads(): string { return join(this.project.cache, 'dl') }
  get ccache(): string { return join(this.project.cache, 'ccache') }
  /** Key pairs that sign packages, made once so that images repeat. */
  get keys(): string { return join(this.project.cache, 'keys') }
}
