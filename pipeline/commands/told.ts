/** Exit code for an error that is nobody's expected failure (sysexits.h, EX_SOFTWARE). */
export const bug = 70

/** An error that a reporter has told people of already: only its exit code is left to give. */
export class Told extends Error {
  readonly exitCode: number

  constructor(exitCode: number, cause: unknown) {
    super('told', {cause})
    this.exitCode = exitCode
  }
}
