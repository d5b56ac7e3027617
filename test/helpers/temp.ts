import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {ExecutionContext} from 'ava'

/** What ends some time, and takes away then what was made for it: a test, or a benchmark. */
export type Scope = Pick<ExecutionContext, 'teardown'>

/** A folder of the test's own, removed when it ends. */
export async function tempDir(t: Scope): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cloudwrt-test-'))
  t.teardown(() => rm(folder, {recursive: true, force: true}))
  return folder
}
