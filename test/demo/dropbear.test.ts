import test from 'ava'
import {demoRoot, noDemoRoot} from '../helpers/demo-root.ts'

const inRoot = test.runIf(noDemoRoot === undefined)
const why = noDemoRoot === undefined ? '' : ` (skipped: ${noDemoRoot})`

/** Stand-ins that say how they were called: the real server runs in the guest of test/e2e. */
const programs = {
  'usr/bin/dropbearkey!': '#!/bin/sh\nshift 2\n[ ! -e "$2" ] || exit 1\necho key > "$2"\n',
  'usr/sbin/dropbear!': '#!/bin/sh\necho "$*" >> /tmp/servers\nexec sleep 1000\n',
  'etc/dropbear/authorized_keys': 'ssh-ed25519 AAAA\n',
}
const start = '/etc/init.d/dropbear start; sleep 0.5; cat /tmp/servers\n'
const always = '-F -P /var/run/dropbear.main.pid -p 22 -r /etc/dropbear/dropbear_ed25519_host_key'
const limits = '-K 300 -T 3 -W 262144'

inRoot(`dropbear: OpenWrt's defaults let passwords in, empty ones too; off means off${why}`, async (t) => {
  const root = await demoRoot(t, {packages: ['base-files', 'uci', 'netifd', 'dropbear']})
  root.write(programs)
  t.is(root.run(start).stdout, `${always} -B ${limits}\n`)
  root.write({'tmp/servers': null})
  t.is(root.run(`uci set dropbear.main.PasswordAuth=off; uci set dropbear.main.RootLogin=0; uci set dropbear.main.IdleTimeout=60; uci commit; ${start}`).stdout, `${always} -s -w -I 60 ${limits}\n`)
  root.write({'tmp/servers': null})
  t.is(root.run(`uci set dropbear.main.PasswordAuth=on; uci set dropbear.main.RootPasswordAuth=off; uci commit; ${start}`).stdout, `${always} -g -w -I 60 ${limits}\n`)
  root.write({'tmp/servers': ''})
  t.is(root.run(`uci set dropbear.main.enable=0; uci commit; ${start}`).stdout, '')
})

inRoot(`dropbear: listens where it is told, once there is an address${why}`, async (t) => {
  const root = await demoRoot(t, {packages: ['base-files', 'uci', 'netifd', 'dropbear']})
  root.write({...programs, 'etc/config/dropbear': "config dropbear 'main'\n\toption Interface 'wan'\n\toption Port '2222'\n\nconfig dropbear 'second'\n\toption Port '2200'\n"})
  const {stdout} = root.run(`${start}
    mkdir -p /var/run/network/wan; echo 10.0.0.2/24 > /var/run/network/wan/ipv4; echo fd00::2/64 > /var/run/network/wan/ipv6
    : > /tmp/servers; /usr/libexec/service-trigger interface wan; sleep 0.5; cat /tmp/servers`)
  t.is(stdout, `${always} -B ${limits}\n`.replace('main', 'second').replace('-p 22', '-p 2200')
    + `${always} -B ${limits}\n`.replace('-p 22', '-p 10.0.0.2:2222 -p [fd00::2]:2222'))
})

inRoot(`dropbear: the host key is made once, also after a boot that was cut short; keys count in one place, which nobody empties by the other${why}`, async (t) => {
  const root = await demoRoot(t, {packages: ['base-files', 'uci', 'netifd', 'dropbear']})
  root.write({...programs, 'etc/dropbear/dropbear_ed25519_host_key.new': 'half', 'root/.ssh/authorized_keys': 'ssh-ed25519 WRONG\n'})
  const {stdout} = root.run(`/etc/init.d/dropbear start
    cat /etc/dropbear/dropbear_ed25519_host_key /root/.ssh/authorized_keys; ls /etc/dropbear
    rm -rf /root/.ssh 2>/dev/null || echo kept; echo other > /etc/dropbear/dropbear_ed25519_host_key
    /etc/init.d/dropbear restart; cat /etc/dropbear/dropbear_ed25519_host_key /etc/dropbear/authorized_keys`)
  t.is(stdout, 'key\nssh-ed25519 AAAA\nauthorized_keys\ndropbear_ed25519_host_key\nkept\nother\nssh-ed25519 AAAA\n')
})

inRoot(`dropbear: keys of board.d are taken where there are none, and end passwords${why}`, async (t) => {
  const root = await demoRoot(t, {packages: ['base-files', 'uci', 'netifd', 'dropbear']})
  root.write({'etc/board.d/50-keys': ". /lib/functions/uci-defaults.sh\nboard_config_update\nucidef_set_ssh_authorized_key 'ssh-ed25519 AAAA a b'\nucidef_set_ssh_authorized_key 'ssh-rsa BBBB'\nboard_config_flush\n"})
  const {stdout, stderr} = root.run('board_detect; . /etc/init.d/boot; uci_apply_defaults; cat /etc/dropbear/authorized_keys; ls -l /etc/dropbear/authorized_keys | cut -c1-10; uci get dropbear.main.PasswordAuth; uci get dropbear.main.RootPasswordAuth')
  t.is(stdout, 'ssh-ed25519 AAAA a b\nssh-rsa BBBB\n-rw-------\noff\noff\n', stderr)
})
