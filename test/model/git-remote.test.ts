import test from 'ava'
import {cacheName, identityOf, shownUrl, urlsOf} from '../../pipeline/model/git-remote.ts'

test('URLs of one repository are one repository', (t) => {
  const same = [
    'https://git.example.org/feed/packages.git', 'https://git.example.org/feed/packages', 'http://GIT.example.org:80/feed/packages.git/',
    'git://git.example.org/feed/packages.git', 'ssh://me@git.example.org:22/feed/packages', 'me@git.example.org:feed/packages.git',
  ]
  t.deepEqual(new Set(same.map(identityOf)), new Set(['git.example.org/feed/packages']))
  t.is(identityOf('file:///srv/git/openwrt.git'), identityOf('/srv/git/openwrt'))
  t.not(identityOf('https://git.example.org:8443/x'), identityOf('https://git.example.org/x'))
  t.not(identityOf('https://example.org/A'), identityOf('https://example.org/a'))
})

test('a name in the cache can be read, is a file name, and says nothing of users', (t) => {
  t.regex(cacheName('https://me:secret@git.example.org/feed/packages.git'), /^feed-packages-[0-9a-f]{12}$/)
  t.regex(cacheName('/srv/my trees/../x y'), /^[\w.-]+-[0-9a-f]{12}$/)
  t.is(shownUrl('https://me:secret@git.example.org/x'), 'https://git.example.org/x')
})

test('OpenWrt\'s repositories have mirrors that everybody knows; the target\'s come first', (t) => {
  t.deepEqual(urlsOf({repository: 'https://git.openwrt.org/feed/packages.git', mirrors: ['https://example.org/p']}), [
    'https://git.openwrt.org/feed/packages.git', 'https://example.org/p', 'https://github.com/openwrt/packages.git',
  ])
  t.deepEqual(urlsOf({repository: 'https://git.openwrt.org/openwrt/openwrt.git', mirrors: ['https://github.com/openwrt/openwrt']}), [
    'https://git.openwrt.org/openwrt/openwrt.git', 'https://github.com/openwrt/openwrt',
  ])
  t.deepEqual(urlsOf({repository: 'https://example.org/mine', mirrors: []}), ['https://example.org/mine'])
})
