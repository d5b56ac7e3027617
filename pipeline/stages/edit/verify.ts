import {createHash} from 'node:crypto'
import type {Step} from '../../model/edit-plan.ts'
import {Problem} from '../../model/problem.ts'
import type {RootNode, RootView} from '../../model/root-node.ts'

/** What must be true of a path once an edit is done. */
type Expected = Partial<RootNode> & Pick<RootNode, 'kind'> & {readonly sha256?: string}

/** Reads back everything that was written: kinds, modes, owners, sizes, targets, device numbers, contents. Throws a Problem (`edit-failed`) for the first that differs. */
export function verify(steps: readonly Step[], root: RootView): void {
  for (const [path, expected] of expectations(steps)) {
    const found = root.look(path)
    if (expected === undefined) {
      if (found !== undefined) throw differs(path, 'is still there')
      continue
    }
    if (found === undefined) throw differs(path, 'is not there')
    for (const key of ['kind', 'mode', 'uid', 'gid', 'size', 'target'] as const) {
      if (expected[key] !== undefined && expected[key] !== found[key]) throw differs(path, `has the ${key} ${String(found[key])}, not ${String(expected[key])}`)
    }
    const [wanted, got] = [expected.device, found.device]
    if (wanted !== undefined && (got?.major !== wanted.major || got.minor !== wanted.minor)) throw differs(path, 'is another device')
    if (expected.sha256 !== undefined && hashOf(root.contents(path)) !== expected.sha256) throw differs(path, 'has other contents than its source had when it was read')
  }
}

function expectations(steps: readonly Step[]): Map<string, Expected | undefined> {
  return new Map(steps.map((step) => [step.path, expectation(step)]))
}

function expectation(step: Step): Expected | undefined {
  switch (step.do) {
    case 'remove': return undefined
    case 'make': return {kind: 'directory', mode: step.mode, uid: step.uid, gid: step.gid}
    case 'attributes': return {kind: step.node.kind, mode: step.mode, uid: step.uid, gid: step.gid}
    case 'lay': {
      const {kind, mode, uid, gid} = step.entry
      switch (step.entry.kind) {
        case 'file': return {kind, mode, uid, gid, size: step.entry.content.size, sha256: step.entry.content.sha256}
        case 'link': return {kind, uid, gid, target: step.entry.target}
        case 'fifo': return {kind, mode, uid, gid}
        case 'character': case 'block': return {kind, mode, uid, gid, device: step.entry.device}
      }
    }
  }
}

function hashOf(pieces: Iterable<Uint8Array>): string {
  const hash = createHash('sha256')
  for (const piece of pieces) hash.update(piece)
  return hash.digest('hex')
}

function differs(path: string, how: string): Problem {
  return new Problem('edit-failed', `${path} was written to the image, but ${how}`, {hint: 'The image was not touched; only a copy was. If files changed while they were read, try again.'})
}
