import {dirname} from 'node:path'
import type {Run} from '../../model/program.ts'

/** OpenWrt's own scripts see the folder's own git, if it has one, and nobody's configuration. */
function alone(tree: string): Record<string, string> {
  return {
    TOPDIR: '', HOME: '/nonexistent', GIT_CONFIG_NOSYSTEM: '1', GIT_CONFIG_GLOBAL: '/dev/null', GIT_CEILING_DIRECTORIES: dirname(tree),
    // a folder of another user's, when we are root
    GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*',
  }
}

/** What a tree calls itself: `r33185-58aa1b7f16`; `unknown` where neither git nor a file says. */
export async function revisionOf(run: Run, tree: string): Promise<string> {
  const {exitCode, stdout} = await run(['bash', 'scripts/getver.sh'], {cwd: tree, env: alone(tree), quiet: true, ok: 'any'})
  return exitCode === 0 ? stdout.trim() || 'unknown' : 'unknown'
}
