/** A usual reason for a build to fail, and how it shows. */
export interface Cause {
  readonly name: string
  readonly shows: RegExp
  readonly says: string
  readonly hint: string
  /** A second try may succeed. */
  readonly passing?: true
}

/** The first that fits is taken. A new one is one entry here. */
export const causes: readonly Cause[] = [
  {
    name: 'no-space', shows: /No space left on device|Disk quota exceeded/m,
    says: 'the disk is full', hint: 'Make room, then run the same command again: it goes on where it stopped.',
  },
  {
    name: 'no-memory', shows: /^Killed$|Killed signal terminated program|virtual memory exhausted|[Oo]ut of memory|Cannot allocate memory/m,
    says: 'there is too little memory', hint: 'Say build.jobs: 1 in the target, or give the machine more memory, then run the same command again.',
  },
  {
    name: 'hash-mismatch', shows: /^Hash mismatch for file |^Hash of the (?:downloaded|local) file .*does not match/m,
    says: 'what was downloaded is not what the package expects',
    hint: 'Sources that come from git are packed here: another version of tar or zstd gives another hash. Else a mirror has changed the file: compare both hashes before trusting it.',
  },
  {
    name: 'network', shows: /^No more mirrors to try|Could not resolve host|Connection (?:refused|timed out|reset)|Network is unreachable|unable to access 'http/m, passing: true,
    says: 'no mirror gave the file', hint: 'Look whether the network is up. A file that is put into the downloads folder by hand is taken; config: {LOCALMIRROR: "URL"} names a mirror of your own.',
  },
  {
    name: 'stale-configure', shows: /No targets specified and no makefile found/m,
    says: 'an earlier try left the package half configured', hint: 'Clean that package, then run the same command again.',
  },
]

export function causeOf(log: string): Cause | undefined {
  return causes.find(({shows}) => shows.test(log))
}
