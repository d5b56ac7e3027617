import test from 'ava'
import fc from 'fast-check'
import {clip, pad, plain, plainLines, textWidth} from '../../pipeline/base/text.ts'

const drawn = new Map([
  ['a colour', ['\u001B[31merror:\u001B[0m no', 'error: no']],
  ['a cleared screen, a bell and a null', ['a\u001B[2J\u0007\u0000b', 'ab']],
  ['a window title', ['\u001B]0;title\u0007text', 'text']],
  ['a link', ['\u001B]8;;http://example.org\u001B\\text\u001B]8;;\u001B\\', 'text']],
  ['a tab', ['a\tb', 'a  b']],
  ['a meter that redraws', [' 10%\r 20%\r 30%\r', ' 30%']],
  ['a turned direction', ['abc\u202Etxt.exe', 'abctxt.exe']],
  ['invisible characters', ['a\u200B\uFEFFb', 'ab']],
  ['a text of several lines', ['a\r\nb\nc\n', 'a b c']],
  ['an 8-bit escape', ['\u009B31mred', 'red']],
])

for (const [what, [text, shown]] of drawn) {
  test(`${what} is drawn as plain text`, (t) => t.is(plain(text ?? ''), shown ?? ''))
}

test('no text whatever leaves a control character', (t) => {
  t.notThrows(() => fc.assert(fc.property(fc.string({unit: 'binary'}), (text) => !/\p{Cc}/u.test(plain(text)))))
})

test('lines stay lines', (t) => t.deepEqual(plainLines('a\u001B[1mb\n\nc\n'), ['ab', '', 'c']))

test('wide characters take two columns, combining ones none', (t) => {
  t.is(textWidth('abc'), 3)
  t.is(textWidth('日本'), 4)
  t.is(textWidth('e\u0301'), 1)
  t.is(textWidth('👩‍👩‍👧'), 2)
  t.is(textWidth('한글'), 4)
  t.is(textWidth('█░…'), 3)
})

test('a text that is too long is cut within the columns', (t) => {
  t.is(clip('abcdef', 6), 'abcdef')
  t.is(clip('abcdefg', 6), 'abcde…')
  t.is(clip('日本語', 4), '日…')
  t.is(clip('abc', 0), '')
  t.notThrows(() => fc.assert(fc.property(fc.string({unit: 'grapheme'}), fc.nat({max: 30}), (text, width) => textWidth(clip(text, width)) <= width)))
})

test('padding counts columns', (t) => t.is(pad('日', 4), '日  '))
