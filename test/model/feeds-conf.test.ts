import test from 'ava'
import {feedLines, parseFeedsConf, renderFeedsConf} from '../../pipeline/model/feeds-conf.ts'
import {problemsOf} from '../../pipeline/model/problem.ts'

function complaintsOf(text: string): readonly string[] {
  try {
    parseFeedsConf(text, 'F')
    return []
  } catch (error) {
    return problemsOf(error).map(({message, at}) => `${at?.line}: ${message}`)
  }
}

test('reads what releases from 17.01 to main write', (t) => {
  const hash = 'a1'.repeat(20)
  const conf = parseFeedsConf([
    'src-git packages https://git.openwrt.org/feed/packages.git', 'src-git luci https://git.openwrt.org/project/luci.git;openwrt-24.10',
    `src-git-full routing https://git.openwrt.org/feed/routing.git^${hash}`, 'src-git --force --root=sub video https://github.com/openwrt/video.git # new',
    '#src-link custom /usr/src/openwrt/custom-feed', 'src-link mine /srv/mine\r', '',
  ].join('\n'), 'F')
  t.deepEqual(feedLines(conf).map(({name, type, flags, url, ref}) => [name, type, flags.join(' '), url, ref]), [
    ['packages', 'src-git', '', 'https://git.openwrt.org/feed/packages.git', 'HEAD'],
    ['luci', 'src-git', '', 'https://git.openwrt.org/project/luci.git', 'openwrt-24.10'],
    ['routing', 'src-git-full', '', 'https://git.openwrt.org/feed/routing.git', hash],
    ['video', 'src-git', '--force --root=sub', 'https://github.com/openwrt/video.git', 'HEAD'],
    ['mine', 'src-link', '', '/srv/mine', 'HEAD'],
  ])
})

test('all that scripts/feeds would read wrong is told at once, with lines', (t) => {
  t.deepEqual(complaintsOf([
    'src-git rc-cloud https://x.org/a', 'src-git a --force https://x.org/a', 'src-git b https://x.org/a https://x.org/b', 'src-git c https://x.org/a^deadbeef',
    'src-git d https://x.org/a^main', `src-git e https://x.org/a;main^${'1'.repeat(40)}`, 'src-git f', 'git g https://x.org/a', 'src-include x other.conf', 'src-git a https://x.org/c',
  ].join('\n')), [
    '1: F: rc-cloud is no name for a feed: letters, digits and _ only',
    '2: F: flags stand before the name: behind it they are taken for a location',
    '2: F: a feed has one location, without spaces: scripts/feeds takes each part for one of its own',
    '3: F: a feed has one location, without spaces: scripts/feeds takes each part for one of its own',
    '4: F: deadbeef is no full commit: scripts/feeds would build another one in silence',
    '5: F: main is no full commit: scripts/feeds would build another one in silence',
    '6: F: a branch and a commit at once: scripts/feeds looks for a branch of that name',
    '7: F: the feed has no location',
    '8: F: expected a type of feed, as src-git, and found git',
    '9: F: other files that it includes cannot be pinned',
    '10: F: the feed a is there twice',
  ])
})

test('a # alone, which scripts/feeds takes for a syntax error, is written as an empty line', (t) => {
  const conf = parseFeedsConf('#\n# words\nsrc-git a https://x.org/a;b # why\n', 'F')
  const text = renderFeedsConf(conf, {prune: [], pins: new Map([['a', '1'.repeat(40)]]), add: []})
  t.is(text.split('\n').slice(1).join('\n'), `\n# words\nsrc-git a https://x.org/a^${'1'.repeat(40)}\n`)
})
