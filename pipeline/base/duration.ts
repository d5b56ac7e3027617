/** Milliseconds for people: `12 ms`, `3.4 s`, `1 min 12 s`, `2 h 05 min`. */
export function formatDuration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`
  return formatLong(Math.round(ms / 1000))
}

/** As `formatDuration` but in whole seconds, for what is redrawn or estimated: `0 s`, `38 s`, `1 min 12 s`. */
export function formatSeconds(ms: number): string {
  const seconds = Math.round(ms / 1000)
  return seconds < 60 ? `${seconds} s` : formatLong(seconds)
}

function formatLong(seconds: number): string {
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${twoDigits(seconds % 60)} s`
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`
}

function twoDigits(number: number): string {
  return String(number).padStart(2, '0')
}
