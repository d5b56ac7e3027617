import type {Json} from '../base/json.ts'
import type {Emit} from './event.ts'
import type {Run} from './program.ts'
import type {Recipe} from './recipe.ts'
import type {Workspace} from './workspace.ts'

/** Stands for the contents of a file or a folder (names, types, modes, links, contents; not times or owners). The engine puts a digest in its place. */
export interface ContentsOf {
  readonly $contents: string
  /** What does not count in a folder: paths relative to it, and `*END` for all names of that ending. */
  readonly except?: readonly string[]
}

/** Stands for a secret. The engine puts an HMAC under a key of the workspace in its place, so that nothing can be guessed from a stamp. */
export interface SecretOf {
  readonly $secret: SecretSource
}

export type SecretSource = {readonly file: string} | {readonly env: string}

/** Plain data in which contents and secrets are named, not read: a stage's inputs do no I/O. */
export type Inputs = Json | ContentsOf | SecretOf | readonly Inputs[] | {readonly [key: string]: Inputs | undefined}

export interface StageContext {
  readonly recipe: Recipe
  readonly workspace: Workspace
  /** Starts programs; bound to the stage's log and to `signal`. */
  readonly run: Run
  readonly signal: AbortSignal
  readonly emit: Emit
}

/** One step of the build, as a value. A list of them is the build on one screen: `stages/index.ts`. */
export interface Stage {
  readonly name: string
  /** What it does, for `plan` and the terminal: a few words. */
  readonly does: string
  /** Stages whose outputs it reads; these enter its fingerprint by themselves. */
  readonly needs: readonly string[]
  /** Bump when the stage's own code makes something else from the same inputs. */
  readonly version: number
  /** Everything that may change the result, and nothing else. */
  inputs(recipe: Recipe, workspace: Workspace): Inputs
  /** Absolute paths of the files or folders it makes. The engine hashes these; `run` returns nothing. */
  outputs(recipe: Recipe, workspace: Workspace): readonly string[]
  /** Why this recipe has no use for the stage; undefined where it has. */
  skip?(recipe: Recipe): string | undefined
  run(context: StageContext): Promise<void>
}
