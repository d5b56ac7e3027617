import {join} from 'node:path'
import type {Recipe} from '../../pipeline/model/recipe.ts'
import {Workspace} from '../../pipeline/model/workspace.ts'

/** A complete Recipe that asks for little; `changes` replace its members. */
export function makeRecipe(changes: Partial<Recipe> = {}): Recipe {
  return {
    target: 'test',
    description: 'a recipe of a test',
    source: {kind: 'path', path: '/nonexistent'},
    platform: 'x86/64',
    feeds: {prune: [], keep: [], add: [], install: 'needed'},
    packages: {add: [], remove: []},
    config: {},
    configAllow: [],
    image: {root: 64 << 20, boot: 16 << 20, firmware: 'bios', console: {serial: 'ttyS0', baud: 115200}, formats: ['qcow2']},
    build: {jobs: undefined, ccache: false, keys: undefined},
    root: {password: {kind: 'locked'}, keys: [], overlays: []},
    boot: {},
    upload: {},
    ...changes,
  }
}

/** The workspace of a recipe in a project whose folder and cache are the test's own. */
export function makeWorkspace(folder: string, recipe: Recipe = makeRecipe()): Workspace {
  return new Workspace({root: join(folder, 'project'), cache: join(folder, 'cache')}, recipe)
}
