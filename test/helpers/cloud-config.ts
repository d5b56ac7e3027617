import type {ExecutionContext} from 'ava'
import {cloudRoot, type Machine} from './cloud-root.ts'
import type {DemoRoot, Output} from './demo-root.ts'
import {toFlat} from './flat-lines.ts'

/** A root where cloud-config is applied, and the shell that applies it. */
export interface ConfigRoot extends DemoRoot {
  /** Runs a script after the files of rc.cloud are read, with metadata and cloud-config in their places. */
  apply(script: string, config?: unknown, meta?: unknown): Output
  /** What rc.cloud has logged so far, without its times. */
  log(): string
}

/** Ownership cannot be given away in a namespace of one user: it is written to /tmp/owners, unless nobody can have such a name. */
const prelude = `
mkdir -p /var/log /var/run/rc.cloud/seed/content /etc/rc.cloud
chmod 0700 /etc/rc.cloud
. /usr/lib/rc.cloud/lib.sh
chown() {
  local owner
  for owner; do case $owner in -h | --) ;; *) break ;; esac; done
  case $owner in *[!a-z0-9:]* | *:*:*) return 1 ;; esac
  echo "$*" >> /tmp/owners
}
MARKS='' SOURCE=test
`

export async function configRoot(t: ExecutionContext, machine: Machine = {}): Promise<ConfigRoot> {
  const root = await cloudRoot(t, {nics: {eth0: '52:54:00:00:00:01'}, ...machine})
  root.write({'etc/config/system': "\nconfig system\n\toption hostname 'OpenWrt'\n\toption timezone 'UTC'\n\toption ttylogin '0'\n\nconfig timeserver 'ntp'\n\toption enabled '1'\n\tlist server '0.pool.ntp.org'\n"})
  return {
    ...root,
    apply: (script, config = {}, meta = {'instance-id': 'i-1'}) => {
      root.write({'tmp/config': toFlat(config), 'tmp/run/rc.cloud/seed/meta': toFlat(meta)})
      return root.run(prelude + script)
    },
    log: () => root.read('tmp/log/rc.cloud.log').replace(/^\[[\d.]+\] /gm, ''),
  }
}
