import test from 'ava'
import {shortPath} from '../../pipeline/base/short-path.ts'

test('a path inside the folder is relative, any other as it is', (t) => {
  t.is(shortPath('/p/images/a.img', '/p'), 'images/a.img')
  t.is(shortPath('/q/a.img', '/p'), '/q/a.img')
  t.is(shortPath('/p', '/p'), '/p')
  t.is(shortPath('targets/a.yaml', '/p'), 'targets/a.yaml')
})
