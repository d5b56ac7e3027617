import {readFile} from 'node:fs/promises'
import {createInterface} from 'node:readline/promises'
import {Writable} from 'node:stream'
import {errorCode} from '../base/errors.ts'
import {Problem} from '../model/problem.ts'
import type {Password, Recipe} from '../model/recipe.ts'
import type {Report} from './reported.ts'

/** Where a password that was typed is kept for the stages: in our own environment, which no program that we start sees. */
const typedName = 'CLOUDWRT_TYPED_PASSWORD'

/** What names a password: a Recipe, or a Draft. */
type Asking = Pick<Recipe, 'target' | 'root'>

/** The Recipe with a password that is to be asked for asked, and every secret of it known to the report, so that none is ever told. */
export async function withPassword<Asker extends Asking>(recipe: Asker, report: Pick<Report, 'hide'>, signal: AbortSignal): Promise<Asker> {
  const password = await asked(recipe, signal)
  for (const secret of await secretsOf(password)) report.hide(secret)
  return {...recipe, root: {...recipe.root, password}}
}

/** Throws where the password, or the hash, is none that a login takes. */
export async function requireSecret({root: {password}}: Asking): Promise<void> {
  if (password.kind === 'locked' || password.kind === 'keep' || password.kind === 'prompt') return
  const {readSecret} = await import('../stages/edit/password.ts')
  await readSecret(password)
}

async function asked({root: {password}, target}: Asking, signal: AbortSignal): Promise<Password> {
  if (password.kind !== 'prompt') return password
  if (!process.stdin.isTTY || !process.stderr.isTTY) {
    throw new Problem('secret-missing', `${target} asks for root's password, and there is no terminal to ask at`, {hint: 'Give it by {env: NAME}, {file: PATH} or {hash-file: PATH} instead.'})
  }
  const typed = await ask(`Password for root of ${target}: `, signal)
  if (typed === '') throw new Problem('secret-missing', 'no password was typed')
  if (await ask('Once more: ', signal) !== typed) throw new Problem('secret-missing', 'the two passwords differ')
  process.env[typedName] = typed
  return {kind: 'env', name: typedName}
}

/** Reads a line that is not shown. */
async function ask(question: string, signal: AbortSignal): Promise<string> {
  process.stderr.write(question)
  const nowhere = new Writable({write: (_chunk, _encoding, done) => done()})
  const reader = createInterface({input: process.stdin, output: nowhere, terminal: true})
  try {
    // readline takes Ctrl-C itself while the terminal is raw
    reader.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
    return await reader.question('', {signal})
  } catch (error) {
    if (signal.aborted) throw new Problem('interrupted', 'interrupted')
    // Ctrl-D
    if (errorCode(error) === 'ABORT_ERR') return ''
    throw error
  } finally {
    reader.close()
    process.stderr.write('\n')
  }
}

/** What must not be told. A file that cannot be read is the stage's matter. */
async function secretsOf(password: Password): Promise<readonly string[]> {
  switch (password.kind) {
    case 'env': return [process.env[password.name] ?? '']
    case 'file': case 'hash-file': return (await readFile(password.path, 'utf8').catch(() => '')).split('\n').map((line) => line.trim())
    case 'locked': case 'keep': case 'prompt': return []
  }
}
