/** Bytes of each unit that a size may have. Decimal units (MB) are left out: partitions and memory are counted in binary ones. */
export const units = {B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40} as const

/** What a size looks like: `256 MiB`, `1.5 GiB`. */
export const sizePattern = /^(\d+(?:\.\d+)?) ?(B|KiB|MiB|GiB|TiB)$/

/** Bytes of a text such as `256 MiB`; undefined where it is not a size, or not whole bytes. */
export function parseSize(text: string): number | undefined {
  const [, digits, unit] = sizePattern.exec(text) ?? []
  if (digits === undefined || unit === undefined) return undefined
  const bytes = Number(digits) * units[unit as keyof typeof units]
  return Number.isSafeInteger(bytes) ? bytes : undefined
}

/** The shortest exact text for a number of bytes: `256 MiB`, never rounded. `parseSize` reads it back. */
export function formatSize(bytes: number): string {
  const fitting = Object.entries(units).filter(([, size]) => bytes % size === 0 && bytes >= size)
  const [unit, size] = fitting.at(-1) ?? ['B', 1]
  return `${bytes / size} ${unit}`
}

/** For reading, not for parsing: three digits at most, `12.3 MiB`. */
export function roughSize(bytes: number): string {
  const [unit, size] = Object.entries(units).findLast(([, one]) => bytes >= one) ?? ['B', 1]
  const count = bytes / size
  return `${count >= 100 || size === 1 ? Math.round(count) : count.toFixed(1)} ${unit}`
}
