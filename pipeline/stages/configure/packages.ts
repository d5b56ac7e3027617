import {join} from 'node:path'
import {namesIn, readIfThere} from '../../base/if-there.ts'
import type {Config} from '../../model/kconfig.ts'
import {evaluate, parseExpression} from '../../model/kconfig-expression.ts'
import {packagePrefix} from '../../model/kconfig-loss.ts'
import {PackageIndex, parsePackageInfo, type PackageInfo} from '../../model/package-index.ts'
import {Problem} from '../../model/problem.ts'
import type {Defconfig} from './defconfig.ts'

/** The packages of a tree and of all its feeds, installed from them or not. */
export async function readPackages(tree: string): Promise<PackageIndex> {
  const indexes = (await namesIn(join(tree, 'feeds'))).filter((name) => name.endsWith('.index'))
  return new PackageIndex(await Promise.all([
    readInfo(join(tree, 'tmp', '.packageinfo')),
    ...indexes.map((name) => readInfo(join(tree, 'feeds', name), name.slice(0, -'.index'.length))),
  ]))
}

/**
 * Packages of the image that need one which nobody has. OpenWrt warns of hundreds of such dependencies, most of them under a condition that
 * does not hold; where it does, the build fails in its last minutes. Only now every condition can be told.
 */
export async function incompletePackages(tree: string, missing: Defconfig['missing'], config: Config): Promise<Problem[]> {
  if (missing.length === 0) return []
  const {packages} = await readInfo(join(tree, 'tmp', '.packageinfo'), 'of any feed')
  const installed = packages.filter(({name}) => config.get(`${packagePrefix}${name}`) === 'y')
  return installed.flatMap(({name, folder, depends}) => {
    const lacking = depends.filter((dependency) => applies(dependency.condition, config)
      && missing.some((entry) => entry.makefile === `${folder}/Makefile` && entry.dependency === dependency.name))
    return lacking.map((dependency) => new Problem('package-incomplete', `package ${name} needs ${dependency.name}, which neither OpenWrt nor an installed feed has`, {
      hint: 'Bring back the feed that has it (feeds.prune), or leave the package out.',
    }))
  })
}

function applies(condition: string | undefined, config: Config): boolean {
  const expression = condition === undefined ? undefined : parseExpression(condition)
  return expression === undefined || evaluate(expression, config) > 0
}

async function readInfo(path: string, feed?: string): Promise<PackageInfo> {
  return parsePackageInfo(await readIfThere(path) ?? '', feed)
}
