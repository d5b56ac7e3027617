/** One kind of expected failure. */
interface Kind {
  /** Exit code of the process: 1 a Problem, 2 usage or a bad target, 130 interrupted. */
  readonly exit: 1 | 2 | 130
  /** What this kind means, in one line, for whoever looks for the one to take. */
  readonly means: string
}

/**
 * Every kind of Problem, by the stage or part that finds it. A new kind is one line here and
 * `new Problem('its-code', …)` where it is found.
 */
export const catalogue = {
  // the command line and the project
  usage: {exit: 2, means: 'the command line is wrong'},
  interrupted: {exit: 130, means: 'stopped by Ctrl-C or SIGTERM'},
  'workspace-busy': {exit: 1, means: 'another run holds the workspace or cache'},
  'file-refused': {exit: 1, means: 'the machine does not let a file be read or written: no right, no space'},
  'target-unknown': {exit: 2, means: 'no target of that name'},

  // targets and locks
  'target-unreadable': {exit: 2, means: 'the file cannot be read'},
  'target-syntax': {exit: 2, means: 'the file is not YAML'},
  'target-invalid': {exit: 2, means: 'the target says something that does not fit'},
  'lock-missing': {exit: 1, means: 'no lock, and --locked was given'},
  'lock-moved': {exit: 1, means: 'the lock is not the one that the target asks for'},
  'lock-invalid': {exit: 2, means: 'the lock is not one that cloudwrt wrote'},

  // programs
  'program-missing': {exit: 1, means: 'a program is not installed'},
  'program-failed': {exit: 1, means: 'a program failed'},
  'program-timeout': {exit: 1, means: 'a program took longer than it may'},

  // engine
  'secret-missing': {exit: 1, means: 'a secret is not where the target says'},
  'stage-unknown': {exit: 2, means: 'no stage of that name'},
  'stage-not-ready': {exit: 1, means: 'a stage that is skipped has never succeeded'},
  'output-missing': {exit: 1, means: 'a stage did not make what it promised'},

  // clone
  'ref-unknown': {exit: 1, means: 'no branch or tag of that name'},
  'ref-ambiguous': {exit: 1, means: 'a ref could mean two things'},
  'commit-unknown': {exit: 1, means: 'nobody who was asked has the commit'},
  'source-unreachable': {exit: 1, means: 'neither the repository nor a mirror could be reached'},
  'source-invalid': {exit: 1, means: 'a folder that is to be the source is no OpenWrt tree'},
  'checkout-failed': {exit: 1, means: 'the files of a commit could not be written'},

  // feeds
  'feeds-conf-invalid': {exit: 1, means: 'feeds.conf.default, or what would come of it, is not what scripts/feeds reads'},
  'feed-unknown': {exit: 1, means: 'a feed is not in feeds.conf.default'},
  'feed-moved': {exit: 1, means: 'a feed in a tree that is used in place is not at its pin'},
  'feed-failed': {exit: 1, means: 'scripts/feeds did not do what it was told'},
  'package-unknown': {exit: 1, means: 'neither OpenWrt nor a feed has the package'},

  // configure
  'config-unsupported': {exit: 1, means: 'the release has no setting for what the target wants'},
  'defconfig-failed': {exit: 1, means: 'make defconfig failed'},
  'config-target': {exit: 1, means: 'make defconfig chose another platform'},
  'config-lost': {exit: 1, means: 'a symbol did not come out of make defconfig as it was asked for'},
  'package-incomplete': {exit: 1, means: 'a package needs one that is not there'},
  'keys-invalid': {exit: 1, means: 'the keys that sign packages cannot be used'},

  // build
  'host-unfit': {exit: 1, means: 'this machine lacks what a build takes'},
  'download-failed': {exit: 1, means: 'sources could not be fetched'},
  'build-failed': {exit: 1, means: 'OpenWrt failed to build'},
  'image-missing': {exit: 1, means: 'the build made no image that can be taken'},

  // edit
  'image-unreadable': {exit: 1, means: 'the file is no disk image, or a damaged one'},
  'image-table': {exit: 1, means: 'the partition table of the image cannot be trusted'},
  'image-root': {exit: 1, means: 'the image has no root partition that can be edited'},
  'image-filesystem': {exit: 1, means: 'the root file system of the image is damaged, or of a kind that cannot be edited'},
  'editor-unfit': {exit: 1, means: 'the editor asked for cannot edit this image here'},
  'overlay-invalid': {exit: 1, means: 'an overlay cannot be laid over a root'},
  'password-invalid': {exit: 1, means: 'a password or hash cannot be used'},
  'root-path': {exit: 1, means: 'what is to be laid does not go with what the image has in its place'},
  'root-full': {exit: 1, means: 'what is to be laid does not fit into the root'},
  'edit-failed': {exit: 1, means: 'what was written to the image does not read back the same'},

  // convert
  'convert-failed': {exit: 1, means: 'the image could not be converted'},
} as const satisfies Record<string, Kind>

export type ProblemCode = keyof typeof catalogue
