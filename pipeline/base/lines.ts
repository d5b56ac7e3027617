import {StringDecoder} from 'node:string_decoder'

/** Cuts chunks of bytes into whole lines; UTF-8 may be split anywhere. `\r` ends a line as well: progress meters redraw by it. */
export class LineSplitter {
  readonly #decoder = new StringDecoder('utf8')
  readonly #onLine: (line: string) => void
  #rest = ''

  constructor(onLine: (line: string) => void) {
    this.#onLine = onLine
  }

  push(chunk: Uint8Array): void {
    const lines = (this.#rest + this.#decoder.write(chunk)).split(/\r\n|\n|\r(?!$)/)
    this.#rest = lines.pop() ?? ''
    for (const line of lines) this.#onLine(line)
  }

  /** Hands over what came after the last newline. */
  end(): void {
    const last = (this.#rest + this.#decoder.end()).replace(/\r$/, '')
    this.#rest = ''
    if (last !== '') this.#onLine(last)
  }
}
