import type {Manner, ReportFlags, Streams} from './choice.ts'
import {createJson} from './json.ts'
import {createLines} from './lines.ts'
import type {Reporter} from './reporter.ts'
import {createStyle} from './style.ts'
import {createTerminal} from './terminal.ts'

/** What decides which reporter is taken. */
export interface Situation {
  readonly flags: ReportFlags
  readonly env: Readonly<Record<string, string | undefined>>
  /** Stderr is a terminal that can be redrawn. */
  readonly drawable: boolean
}

interface Way {
  readonly mode: string
  wanted(situation: Situation): boolean
  create(streams: Streams, manner: Manner): Reporter
}

/** Every way to tell events. The first that is wanted is taken. */
const ways = [
  {mode: 'json', wanted: ({flags}) => flags.json === true, create: ({stdout}, {quiet}) => createJson(stdout, {quiet})},
  {
    mode: 'terminal',
    // with --verbose every line of every program is shown, which cannot be redrawn
    wanted: ({flags, drawable}) => drawable && flags.quiet !== true && flags.verbose !== true,
    create: (streams, {color}) => createTerminal(streams, createStyle(color)),
  },
  {mode: 'lines', wanted: () => true, create: (streams, {color, ...manner}) => createLines(streams, {...manner, style: createStyle(color)})},
] as const satisfies readonly Way[]

export type Mode = (typeof ways)[number]['mode']

export function chooseMode(situation: Situation): Mode {
  return wayThat(({wanted}) => wanted(situation)).mode
}

export function createShown(mode: Mode, streams: Streams, manner: Manner): Reporter {
  return wayThat((way) => way.mode === mode).create(streams, manner)
}

function wayThat(fits: (way: (typeof ways)[number]) => boolean): (typeof ways)[number] {
  const way = ways.find(fits)
  if (way === undefined) throw new Error('no way to tell events')
  return way
}
