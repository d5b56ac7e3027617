import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import test from 'ava'
import type {Run} from '../../pipeline/model/program.ts'
import {fetchInto, initBare, listRemote, RemoteFailure, revParse} from '../../pipeline/tools/git.ts'
import {createRun} from '../../pipeline/tools/run.ts'
import {git, makeRepository} from '../helpers/git.ts'
import {closedPort, serveGit} from '../helpers/git-server.ts'
import {tempDir} from '../helpers/temp.ts'

const run: Run = createRun({signal: new AbortController().signal, emit: () => {}})
process.env['GIT_HTTP_LOW_SPEED_TIME'] = '1'

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error: unknown = await work.then(() => undefined, (rejected: unknown) => rejected)
  if (error instanceof RemoteFailure) return `${error.failure.kind}: ${error.failure.reason}`
  throw error ?? new Error('it did not fail')
}

test('lists branches and tags, annotated ones peeled', async (t) => {
  const folder = join(await tempDir(t), 'repo')
  const commit = makeRepository(folder, {a: '1'})
  git(folder, 'tag', '--annotate', '--message', 'one', 'v1')
  const {branches, tags, head} = await listRemote(run, folder, {head: false})
  t.deepEqual([[...branches], [...tags], head], [[['main', commit]], [['v1', commit]], undefined])
  t.is((await listRemote(run, folder, {head: true})).head, commit)
})

test('says in words why a repository gives nothing', async (t) => {
  const root = await tempDir(t)
  makeRepository(join(root, 'repo'), {a: '1'})
  const server = await serveGit(t, root)
  const ask = async (url: string): Promise<string> => reasonOf(listRemote(run, url, {head: false}))
  t.is(await ask(`http://127.0.0.1:${await closedPort()}/repo`), 'unreachable: the connection was refused')
  t.is(await ask(join(root, 'other')), 'unreachable: there is no such repository')
  t.is(await ask(`${server.url}/other`), 'unreachable: there is no such repository')
  server.fail({kind: 'status', status: 503})
  t.is(await ask(`${server.url}/repo`), 'unreachable: the server answered 503')
  server.fail({kind: 'status', status: 401})
  t.is(await ask(`${server.url}/repo`), 'unreachable: it wants a login, and git has no credentials for it')
})

test('gives up on a server that says nothing more', async (t) => {
  const root = await tempDir(t)
  const commit = makeRepository(join(root, 'repo'), {a: 'x'.repeat(1000)})
  const server = await serveGit(t, root)
  const into = join(root, 'into.git')
  await initBare(run, into)
  const fetch = async (): Promise<void> => fetchInto(run, into, `${server.url}/repo`, {refspecs: [`${commit}:refs/pins/x`]})
  server.fail({kind: 'stall', after: 40})
  t.is(await reasonOf(fetch()), 'unreachable: it stalled')
  server.fail({kind: 'cut', after: 40})
  t.is(await reasonOf(fetch()), 'unreachable: the transfer broke off')
  server.fail(undefined)
  await fetch()
  t.is(await revParse(run, into, 'refs/pins/x'), commit)
})

test('says that a repository lacks a commit or a branch', async (t) => {
  const root = await tempDir(t)
  makeRepository(join(root, 'repo'), {a: '1'})
  const into = join(root, 'into.git')
  await initBare(run, into)
  t.regex(await reasonOf(fetchInto(run, into, `file://${root}/repo`, {refspecs: [`${'0'.repeat(39)}1:refs/pins/x`]})), /^lacks: it does not have the commit/)
  t.is(await reasonOf(fetchInto(run, into, `file://${root}/repo`, {refspecs: ['nothing:refs/pins/x']})), 'lacks: it has no nothing')
})

test('refuses objects that are malformed', async (t) => {
  const root = await tempDir(t)
  const repo = join(root, 'repo')
  makeRepository(repo, {a: '1'})
  writeFileSync(join(root, 'object'), `tree ${git(repo, 'rev-parse', 'HEAD^{tree}')}\nauthor nobody 1 +0000\ncommitter nobody 1 +0000\n\nx\n`)
  git(repo, 'update-ref', 'refs/heads/bad', git(repo, 'hash-object', '-t', 'commit', '-w', '--literally', '--', join(root, 'object')))
  const into = join(root, 'into.git')
  await initBare(run, into)
  t.is(await reasonOf(fetchInto(run, into, `file://${repo}`, {refspecs: ['bad:refs/pins/x']})), 'unreachable: it gave a malformed object (missingEmail)')
})
