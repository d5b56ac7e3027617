import type {ExecutionContext} from 'ava'
import {cloudRoot, type Machine} from './cloud-root.ts'
import type {DemoRoot} from './demo-root.ts'
import type {Files} from './files.ts'

/** What rc.cloud found of its source, and what it took from it. */
export interface Seed {
  /** `SOURCE|SOURCE_AT|SOURCE_NET|LOCAL_ID` of identify. */
  readonly source: string
  /** Of read_seed or fetch_seed. */
  readonly code: number
  /** Files of $SEED that are for others; none where the seed could not be taken. */
  readonly files: Readonly<Record<string, string>>
  readonly log: string
  readonly stderr: string
  readonly root: DemoRoot
}

/** Shell text that puts the seed where later runs find it, without what it was made from. */
export const keepSeed = '[ "$code" != 0 ] || { cp -r "$SEED" /tmp/taken; cd /tmp/taken; rm -f doc flat texts; find . -type f -size 0 -exec rm {} +; }'

/** Identifies, and takes the seed once. `first` is shell text that runs before. */
export async function takeSeed(t: ExecutionContext, machine: Machine, files: Files = {}, first = ''): Promise<Seed> {
  const root = await cloudRoot(t, machine)
  root.write(files)
  const {stdout, stderr} = root.run(`. /usr/lib/rc.cloud/lib.sh
    mkdir -p "$RUN" "$STATE" /var/log
    ${first}
    identify
    echo "$SOURCE|$SOURCE_AT|$SOURCE_NET|$LOCAL_ID"
    [ "$SOURCE" = none ] || { if [ -n "$SOURCE_NET" ]; then fetch_seed; else read_seed; fi; }
    code=$?
    echo $code
    ${keepSeed}
    ls -A "$RUN/drive" 2> /dev/null`)
  const [source = '', code, ...rest] = stdout.split('\n')
  t.deepEqual(rest, [''], `the drive is empty again: ${stderr}`)
  const taken = Object.fromEntries(root.run(`cd /tmp/taken 2> /dev/null && find . -type f`).stdout.split('\n').filter(Boolean).sort().map((name) => [name.slice(2), root.read(`tmp/taken/${name}`)]))
  return {source, code: Number(code), files: taken, log: root.run('cat /var/log/rc.cloud.log 2> /dev/null').stdout.replace(/^\[[^\]]*\] /gm, ''), stderr, root}
}
