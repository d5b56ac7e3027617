import {shortPath} from '../base/short-path.ts'
import {plain} from '../base/text.ts'
import type {Ci} from './choice.ts'
import type {Failure} from './problem.ts'

/** What a CI service wants to find in a log; an empty line is left out. */
export interface Marks {
  /** Begins a part of the log that folds. @param time milliseconds since the epoch */
  open(name: string, title: string, time: number): string
  /** Ends it; nothing where none is open. */
  close(time: number): string
  /** Shows a warning beside the code. */
  warning(text: string): string
  /** Shows a failure beside the line that it is about. */
  failure(event: Failure): string
  /** A line with foreign words in it, without what the service would take for a command. */
  readonly harmless: (line: string) => string
}

export function createMarks(ci: Ci | undefined): Marks {
  if (ci === 'github') return createGithub()
  return ci === 'gitlab' ? createGitlab() : bare
}

const bare: Marks = {
  open: (_name, title) => title,
  close: () => '',
  warning: () => '',
  failure: () => '',
  harmless: (line) => line,
}

/** Workflow commands: docs.github.com/actions/reference/workflow-commands-for-github-actions. */
function createGithub(): Marks {
  let isOpen = false
  return {
    open(_name, title) {
      isOpen = true
      return `::group::${data(title)}`
    },
    close() {
      const line = isOpen ? '::endgroup::' : ''
      isOpen = false
      return line
    },
    warning: (text) => `::warning::${data(plain(text))}`,
    failure: (event) => {
      if (event.type === 'bug') return `::error title=bug::${data(event.message)}`
      const {at, message, hint} = event.problem
      const place = at === undefined ? [] : [['file', shortPath(at.file)], ['line', at.line], ['col', at.column]]
      const properties = place.filter(([, value]) => value !== undefined).map(([key, value]) => `${key}=${property(String(value))}`)
      return `::error ${properties.join(',')}`.trimEnd() + `::${data([message, hint].filter(Boolean).join('\n'))}`
    },
    // the runner trims a line before it looks for `::`, and finds the older `##[` anywhere
    harmless: (line) => line.replace(/^(\s*)::/, '$1: :').replaceAll('##[', '## ['),
  }
}

function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
}

/** Collapsible sections: docs.gitlab.com/ci/jobs/job_logs. They are told by `\r` and an escape, which no program's line here has. */
function createGitlab(): Marks {
  let open: string | undefined
  const mark = (kind: string, time: number, name: string): string => `\u001B[0Ksection_${kind}:${Math.floor(time / 1000)}:${name}\r\u001B[0K`
  return {
    ...bare,
    open(name, title, time) {
      open = name.replaceAll(/[^\w.-]/g, '_')
      return mark('start', time, open) + title
    },
    close(time) {
      const line = open === undefined ? '' : mark('end', time, open)
      open = undefined
      return line
    },
  }
}
