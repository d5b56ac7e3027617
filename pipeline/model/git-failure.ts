/** Why a repository did not give what it was asked for. */
export interface GitFailure {
  /** `lacks`: it answers, but has not got it, or does not give single commits. `unreachable`: nothing of it could be had. */
  readonly kind: 'lacks' | 'unreachable'
  /** For people, to follow a URL: `the host name is not known`. */
  readonly reason: string
}

const failures: readonly (readonly [RegExp, GitFailure['kind'], string | ((match: RegExpExecArray) => string)])[] = [
  [/not our ref|unadvertised object|no such ref was fetched/i, 'lacks', 'it does not have the commit, or does not give commits by their hash'],
  [/couldn't find remote ref (\S+)/i, 'lacks', (match) => `it has no ${match[1]}`],
  [/dumb http transport does not support/i, 'lacks', 'it is a plain web server, which gives no single commits'],
  [/Could not resolve (?:host|proxy)(?:name)?:? ?'?([^\s':]*)/i, 'unreachable', (match) => `the name ${match[1] ?? ''} cannot be resolved`],
  [/Connection refused|Failed to connect to \S+ port \d+ after \d+ ms: Couldn't connect/i, 'unreachable', 'the connection was refused'],
  [/Operation too slow|Connection timed out|Timeout was reached|Resolving timed out|timed out after/i, 'unreachable', 'it stalled'],
  [/(?:No route to host|Network is unreachable)/i, 'unreachable', 'there is no way to it'],
  [/requested URL returned error: (\d+)/i, 'unreachable', (match) => `the server answered ${match[1]}`],
  [/repository '[^']*' not found|does not appear to be a git repository|not found: did you run git update-server-info|does not exist/i, 'unreachable', 'there is no such repository'],
  [/could not read (?:Username|Password)|terminal prompts disabled|Authentication failed|Permission denied \(/i, 'unreachable', 'it wants a login, and git has no credentials for it'],
  [/Host key verification failed/i, 'unreachable', 'ssh does not know its host key'],
  [/SSL certificate problem:? ?([^\n]*)|server certificate verification failed/i, 'unreachable', (match) => `its certificate was not accepted${match[1] === undefined ? '' : ` (${match[1]})`}`],
  [/transport '(\w+)' not allowed/i, 'unreachable', (match) => `git may not use ${match[1]} here`],
  [/object [0-9a-f]{40}: (\w+):|fsck error/i, 'unreachable', (match) => `it gave a malformed object${match[1] === undefined ? '' : ` (${match[1]})`}`],
  [/repository corruption on the remote side/i, 'unreachable', 'its repository is damaged: it lacks objects of its own history'],
  [/early EOF|hung up unexpectedly|RPC failed|Connection reset|invalid index-pack output|expected flush/i, 'unreachable', 'the transfer broke off'],
]

/** The reason in words, from what git printed on stderr. */
export function gitFailure(stderr: string): GitFailure {
  for (const [pattern, kind, words] of failures) {
    const match = pattern.exec(stderr)
    if (match !== null) return {kind, reason: typeof words === 'string' ? words : words(match)}
  }
  const last = stderr.split('\n').filter((line) => /^(?:fatal|error):/.test(line)).at(-1) ?? 'git failed without a word'
  return {kind: 'unreachable', reason: last.replace(/^(?:fatal|error): /, '')}
}
