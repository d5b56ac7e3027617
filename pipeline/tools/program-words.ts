const known: Readonly<Record<number, string>> = {
  126: 'could not be executed',
  127: 'did not find a program that it needs',
  129: 'was hung up (SIGHUP)',
  130: 'was interrupted (SIGINT)',
  134: 'aborted (SIGABRT)',
  137: 'was killed (SIGKILL); the usual reason is too little memory',
  139: 'crashed (SIGSEGV)',
  141: 'lost its reader (SIGPIPE)',
  143: 'was ended (SIGTERM)',
}

/** How a program ended, in words: `failed with exit code 2`. */
export function endingInWords(exitCode: number): string {
  const words = known[exitCode]
  return words === undefined ? `failed with exit code ${exitCode}` : `${words}, exit code ${exitCode}`
}
