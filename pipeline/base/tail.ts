/**
 * An array of chunks that forgets its oldest ones, so that a program may print gigabytes. Has the
 * shape that zx wants of a store.
 */
export class Tail extends Array<string | Buffer> {
  readonly #limit: number
  #bytes = 0
  truncated = false

  /** @param limit bytes to keep; the newest chunk is always kept whole */
  constructor(limit: number) {
    super()
    this.#limit = limit
  }

  static override get [Symbol.species](): ArrayConstructor {
    return Array
  }

  override push(...chunks: (string | Buffer)[]): number {
    for (const chunk of chunks) {
      super.push(chunk)
      this.#bytes += chunk.length
      while (this.#bytes > this.#limit && this.length > 1) {
        this.#bytes -= this.shift()?.length ?? 0
        this.truncated = true
      }
    }
    return this.length
  }

  /** What was kept, as text. */
  text(): string {
    return Buffer.concat(this.map((chunk) => (typeof chunk === 'string' ? Buffer.from(chunk) : chunk))).toString('utf8')
  }
}
