import test from 'ava'
import {gitFailure} from '../../pipeline/model/git-failure.ts'
import {parseAdvertised, resolveRef} from '../../pipeline/model/git-ref.ts'
import {problemsOf} from '../../pipeline/model/problem.ts'

const [a, b, c, d] = ['a', 'b', 'c', 'd'].map((digit) => digit.repeat(40)) as [string, string, string, string]

const advertised = parseAdvertised([
  `${a}\tHEAD`, `${a}\trefs/heads/main`, `${b}\trefs/heads/both`, `${c}\trefs/heads/${d}`, `${c}\trefs/heads/deadbeef`, `${b}\trefs/heads/face`,
  `${d}\trefs/tags/v1`, `${b}\trefs/tags/v1^{}`, `${c}\trefs/tags/both`, '',
].join('\n'))

function complaintOf(ref: string): string {
  try {
    resolveRef(ref, advertised, 'X')
    return 'none'
  } catch (error) {
    const [problem] = problemsOf(error)
    return `${problem?.code}: ${problem?.message} | ${problem?.hint}`
  }
}

test('a name is the commit of its branch or tag, an annotated tag peeled', (t) => {
  t.deepEqual(resolveRef('main', advertised, 'X'), {commit: a, name: 'refs/heads/main'})
  t.deepEqual(resolveRef('v1', advertised, 'X'), {commit: b, name: 'refs/tags/v1'})
  t.deepEqual(resolveRef('HEAD', advertised, 'X'), {commit: a, name: 'HEAD'})
  t.deepEqual(resolveRef('refs/tags/both', advertised, 'X'), {commit: c, name: 'refs/tags/both'})
  t.deepEqual(resolveRef('face', advertised, 'X'), {commit: b, name: 'refs/heads/face'})
  t.is(resolveRef('nothing', advertised, 'X'), undefined)
})

test('a commit is itself, and nobody has vouched for it', (t) => {
  t.deepEqual(resolveRef(a, advertised, 'X'), {commit: a, name: undefined})
  t.deepEqual(resolveRef(a.toUpperCase(), advertised, 'X'), {commit: a, name: undefined})
})

test('what could mean two things is refused', (t) => {
  t.is(complaintOf('both'), 'ref-ambiguous: X has a branch and a tag called both | Write refs/heads/both or refs/tags/both as ref.')
  t.regex(complaintOf(d), /^ref-ambiguous: X has a branch called d{40}, which looks like a commit \| If it is meant, write refs\/heads\/d{40}/)
  t.regex(complaintOf('deadbeef'), /^ref-ambiguous: X has a branch called deadbeef, which looks like a commit/)
  t.deepEqual(resolveRef(`refs/heads/${d}`, advertised, 'X'), {commit: c, name: `refs/heads/${d}`})
})

test('an abbreviated commit is refused, with the whole one where a ref tells it', (t) => {
  t.is(complaintOf('aaaaaaaa'), `ref-ambiguous: aaaaaaaa looks like a commit of X, abbreviated | Write all 40 digits; the only branch or tag that it fits points to ${a}.`)
  t.is(complaintOf('1234567'), 'ref-ambiguous: 1234567 looks like a commit of X, abbreviated | Write all 40 digits.')
})

test('what git says when it fails, in words', (t) => {
  const said = {
    "fatal: unable to access 'https://x.example/r/': Could not resolve host: x.example": 'the name x.example cannot be resolved',
    "fatal: unable to access 'http://127.0.0.1:1/r/': Failed to connect to 127.0.0.1 port 1 after 0 ms: Couldn't connect to server": 'the connection was refused',
    "fatal: unable to access 'https://x/': SSL certificate problem: self-signed certificate": 'its certificate was not accepted (self-signed certificate)',
    'Host key verification failed.\nfatal: Could not read from remote repository.': 'ssh does not know its host key',
    'error: Server does not allow request for unadvertised object 1': 'it does not have the commit, or does not give commits by their hash',
    'fatal: something new': 'something new',
  }
  for (const [stderr, reason] of Object.entries(said)) t.is(gitFailure(stderr).reason, reason)
})
