import test from 'ava'
import fc from 'fast-check'
import {editDistance, nearest} from '../../pipeline/base/nearest.ts'

test('the nearest word is found', (t) => {
  const words = ['source', 'feeds', 'packages', 'image', 'root']
  t.is(nearest('sorce', words), 'source')
  t.is(nearest('pakcages', words), 'packages')
  t.is(nearest('Root', words), 'root')
  t.is(nearest('upload', words), undefined)
  t.is(nearest('xy', words), undefined)
  t.is(nearest('', words), undefined)
})

test('a swap of neighbours is one edit', (t) => {
  t.is(editDistance('ab', 'ba'), 1)
  t.is(editDistance('', 'abc'), 3)
  t.is(editDistance('kitten', 'sitting'), 3)
})

test('a distance is symmetric, zero only for the same text, and never above the longer one', (t) => {
  const word = fc.string({maxLength: 8, unit: fc.constantFrom('a', 'b', 'c')})
  t.notThrows(() => fc.assert(fc.property(word, word, (a, b) => {
    const distance = editDistance(a, b)
    return distance === editDistance(b, a) && (distance === 0) === (a === b) && distance <= Math.max(a.length, b.length)
  })))
})
