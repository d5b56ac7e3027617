import {join} from 'node:path'
import {namesIn, readIfThere} from '../../base/if-there.ts'
import type {Config} from '../../model/kconfig.ts'
import {evaluate, parseExpression} from '../../model/kconfig-expression.ts'
import {packagePrefix} from '../../model/kconfig-loss.ts'
import {parsePackageInfo, type PackageInfo} from '../../model/package-info.ts'
import {Problem} from '../../model/problem.ts'
import type {Defconfig} from './defconfig.ts'

/** What the tree and its feeds know of packages, installed or not. */
export interface KnownPackages {
  feedOf(name: string): string | undefined
  providersOf(name: string): string[]
}

export async function readKnownPackages(tree: string): Promise<KnownPackages> {
  const indexes = (await namesIn(join(tree, 'feeds'))).filter((name) => name.endsWith('.index'))
  const feeds = await Promise.all(indexes.map(async (name) => ({feed: name.slice(0, -'.index'.length), packages: await readInfo(join(tree, 'feeds', name))})))
  const all = [...await readInfo(join(tree, 'tmp', '.packageinfo')), ...feeds.flatMap(({packages}) => packages)]
  return {
    feedOf: (wanted) => feeds.find(({packages}) => packages.some(({name}) => name === wanted))?.feed,
    providersOf: (wanted) => [...new Set(all.filter(({provides}) => provides.includes(wanted)).map(({name}) => name))],
  }
}

/**
 * Packages of the image that need one which nobody has. OpenWrt warns of hundreds of such dependencies, most of them under a condition that
 * does not hold; where it does, the build fails in its last minutes.
 */
export async function incompletePackages(tree: string, missing: Defconfig['missing'], config: Config): Promise<Problem[]> {
  if (missing.length === 0) return []
  const installed = (await readInfo(join(tree, 'tmp', '.packageinfo'))).filter(({name}) => config.get(`${packagePrefix}${name}`) === 'y')
  return installed.flatMap(({name, makefile, depends}) => {
    const lacking = depends.filter((dependency) => applies(dependency.condition, config)
      && missing.some((entry) => entry.makefile === makefile && entry.dependency === dependency.name))
    return lacking.map((dependency) => new Problem('package-incomplete', `package ${name} needs ${dependency.name}, which neither OpenWrt nor an installed feed has`, {
      hint: 'Bring back the feed that has it (feeds.prune), or leave the package out.',
    }))
  })
}

function applies(condition: string | undefined, config: Config): boolean {
  const expression = condition === undefined ? undefined : parseExpression(condition)
  return expression === undefined || evaluate(expression, config) > 0
}

async function readInfo(path: string): Promise<PackageInfo[]> {
  return parsePackageInfo(await readIfThere(path) ?? '')
}
