/** Which OpenWrt a tree is. */
export interface Release {
  /** As the tree calls itself: `25.12.5`, `24.10-SNAPSHOT`, `SNAPSHOT`. */
  readonly name: string
  /** What symbols and file names depend on: `25.12`, or `main`, which comes after all others. */
  readonly series: string
}

/** The newest there is. */
export const main: Release = {name: 'SNAPSHOT', series: 'main'}

/**
 * Reads `include/version.mk`, where the default of VERSION_NUMBER is the release: substituted in a tag, `24.10-SNAPSHOT` in
 * a branch, `SNAPSHOT` in main. A name of somebody's own is taken for something new. Undefined where there is none, as
 * before 2017.
 */
export function parseRelease(versionMk: string): Release | undefined {
  const name = /^VERSION_NUMBER:=.*,([^,()]+)\)$/m.exec(versionMk)?.[1]?.trim()
  if (name === undefined) return undefined
  return {name, series: /\b\d\d\.\d\d\b/.exec(name)?.[0] ?? main.series}
}

/** A span of releases, both ends included; an end that is left out is open. */
export interface Span {
  readonly since?: string
  readonly until?: string
}

export function covers({since, until}: Span, {series}: Release): boolean {
  return (since === undefined || compareSeries(series, since) >= 0) && (until === undefined || compareSeries(series, until) <= 0)
}

/** Negative where `a` came before `b`. */
export function compareSeries(a: string, b: string): number {
  return order(a) - order(b)
}

/** Series are year and month: `24.10` is 2410. */
function order(series: string): number {
  return series === main.series ? Infinity : Number(series.replace('.', ''))
}

/** For people: `from 24.10 on`, `until 23.05`, `17.01 to 19.07`. */
export function spanInWords({since, until}: Span): string {
  if (since !== undefined && until !== undefined) return `${since} to ${until}`
  return since === undefined ? `until ${until ?? 'now'}` : `from ${since} on`
}
