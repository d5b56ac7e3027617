/** One thing that was looked at on this machine, and whether it will do. */
export interface HostCheck {
  /** `disk`, `memory`, or a Debian package. */
  readonly name: string
  readonly ok: boolean
  /** What was found: `79 GiB free in /home`, `12.2.0-3`. */
  readonly says: string
  /** What to do where it will not do. */
  readonly hint?: string
  /** The Debian package that mends it. */
  readonly package?: string
}
