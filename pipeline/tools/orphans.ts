import {readdir, readFile} from 'node:fs/promises'
import {setTimeout as sleep} from 'node:timers/promises'

/** Environment variable by which every program of a run can be told: its value is the workspace's folder. */
export const runMark = 'CLOUDWRT_WORKSPACE'

/**
 * Ends what a run that was killed (`kill -9`, out of memory) left behind in this workspace: its programs
 * lived in groups of their own and may still write into the tree. Returns how many there were.
 */
export async function endOrphans(workspace: string): Promise<number> {
  const found = new Set<number>()
  for (let round = 0; round < 50; round += 1) {
    const alive = await marked(workspace)
    if (alive.length === 0) break
    for (const pid of alive) {
      found.add(pid)
      kill(pid)
    }
    await sleep(20)
  }
  return found.size
}

async function marked(workspace: string): Promise<number[]> {
  const mark = `${runMark}=${workspace}`
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)
  const checks = await Promise.all(pids.map(async (pid) => (pid !== process.pid && await environmentHas(pid, mark) ? [pid] : [])))
  return checks.flat()
}

async function environmentHas(pid: number, mark: string): Promise<boolean> {
  try {
    return (await readFile(`/proc/${pid}/environ`, 'utf8')).split('\0').includes(mark)
  } catch {
    return false
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // gone meanwhile
  }
}
