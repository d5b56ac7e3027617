import {WriteStream} from 'node:tty'
import {stripVTControlCharacters} from 'node:util'
import {DefaultRenderer, Listr, ListrLogger, ProcessOutput, type ListrDefaultRendererOptions, type ListrTask} from 'listr2'
import {textWidth} from '../base/text.ts'
import type {Streams} from './choice.ts'
import type {StageRow} from './stage-row.ts'
import type {Paint, Style} from './style.ts'

/** Milliseconds between two looks at the rows: programs print thousands of lines a second, people read two. */
const every = 100

/**
 * Draws the rows on stderr until all have ended, or one has failed. listr2 only draws: each of its tasks waits for what
 * events tell of a stage, and it neither listens to signals nor ends the process.
 */
export async function drawRows(rows: readonly StageRow[], {stdout, stderr}: Streams, style: Style): Promise<void> {
  if (!(stderr instanceof WriteStream)) throw new Error('drawing needs a terminal')
  // while it draws, what others write to either stream is kept back, and written when it is over
  const output = new ProcessOutput(stderr, stdout instanceof WriteStream ? stdout : undefined)
  using _ = releaseAtExit(output)
  const list = new Listr<object, typeof DefaultRenderer>(rows.map((row) => taskOf(row, stderr, style)), {
    renderer: rendererOn(stderr, output),
    rendererOptions: {...look(style), logger: new ListrLogger({useIcons: true, processOutput: output}), formatOutput: 'truncate'},
    registerSignalListeners: false,
  })
  try {
    await list.run({})
  } catch (error) {
    if (!(error instanceof Stopped)) throw error
  }
}

/** A stage failed: the list ends here. Why is told elsewhere. */
class Stopped extends Error {}

function taskOf(row: StageRow, stream: WriteStream, style: Style): ListrTask<object, typeof DefaultRenderer> {
  return {
    title: row.title(Date.now(), style),
    async task(_context, task) {
      const show = (): void => {
        const title = row.title(Date.now(), style)
        if (title !== task.title) task.title = title
        // two columns of indentation, two of the icon, two that listr2 leaves free
        const detail = row.detail((stream.columns ?? 80) - 6)
        if (detail !== '' && detail !== task.output) task.output = detail
      }
      show()
      const timer = setInterval(show, every)
      const outcome = await row.ended
      clearInterval(timer)
      task.title = row.title(Date.now(), style)
      if (outcome === 'failed' || outcome === 'interrupted') throw new Stopped()
      if (outcome === 'skipped' || outcome === 'unreached') task.skip()
    },
  }
}

/**
 * listr2's renderer, with two things mended. It asks stdout whether there is a terminal, where we draw on stderr and have
 * asked already. And a terminal that becomes narrower than the list breaks its lines in two, each in its own way, so
 * that nobody knows any more where the list began: then all that is to be seen is scrolled away and the list drawn anew.
 */
function rendererOn(stream: WriteStream, output: ProcessOutput): typeof DefaultRenderer {
  return class extends DefaultRenderer {
    static override nonTTY = true
    #widest = 0

    override async render(): Promise<void> {
      await super.render()
      stream.on('resize', this.#mend)
    }

    override create(options?: Parameters<DefaultRenderer['create']>[0]): string {
      const frame = super.create(options)
      this.#widest = Math.max(...frame.split('\n').map((line) => textWidth(stripVTControlCharacters(line))))
      return frame
    }

    override end(): void {
      stream.off('resize', this.#mend)
      super.end()
    }

    readonly #mend = (): void => {
      if (this.#widest <= stream.columns) return
      output.toStdout(`${'\n'.repeat(stream.rows)}\u001B[H`, false)
      this.update()
    }
  }
}

/** Icons and colours of our own: listr2's ask stdout for colours. */
function look({dim, green, red, yellow}: Style): Pick<ListrDefaultRendererOptions, 'icon' | 'color'> {
  const paint = (color: Paint) => (text = ''): string => color(text)
  return {
    icon: {SKIPPED_WITH_COLLAPSE: '-', WAITING: '·', COMPLETED_WITH_SISTER_TASKS_FAILED: '·'},
    color: {
      COMPLETED: paint(green), FAILED: paint(red), PENDING: paint(yellow),
      SKIPPED_WITH_COLLAPSE: paint(dim), WAITING: paint(dim), COMPLETED_WITH_SISTER_TASKS_FAILED: paint(dim),
    },
  }
}

/** Gives the streams and the cursor back when the process ends in the middle, as at a second Ctrl-C. */
function releaseAtExit(output: ProcessOutput): Disposable {
  const release = (): void => output.release()
  process.on('exit', release)
  return {[Symbol.dispose]: () => process.off('exit', release)}
}
