import type {Run} from '../model/program.ts'

/** The `$6$` hash (SHA-512 crypt) of a password, with a random salt. Both pass through pipes only: never argv, never a log. */
export async function hashPassword(run: Run, password: string): Promise<string> {
  const {stdout} = await run(['openssl', 'passwd', '-6', '-stdin'], {input: `${password}\n`, quiet: true, log: false})
  return stdout.trim()
}
