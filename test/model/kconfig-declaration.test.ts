import test from 'ava'
import {parseDeclarations, type Declarations} from '../../pipeline/model/kconfig-declaration.ts'

function parse(text: string, files: Readonly<Record<string, string>> = {}): Declarations {
  return parseDeclarations({path: '/tree/Config.in', text}, (pattern) => Object.entries(files).filter(([path]) => path === pattern).map(([path, content]) => ({path, text: content})))
}

test('types, prompts, conditions and selects of an entry', (t) => {
  const declarations = parse(`
config A
	bool "An option" if DEVEL   # why
	depends on B && \\
		C
	depends on !D
	select E
	select F if G || H
	default y

config HIDDEN
	string
	default "x if y"

config ASKED
	int
	prompt "A number" if A
`)
  t.deepEqual(declarations.get('A'), [{
    symbol: 'A', type: 'bool', prompt: true, visible: ['DEVEL'], depends: ['B && C', '!D'],
    selects: [{symbol: 'E', condition: undefined}, {symbol: 'F', condition: 'G || H'}], choice: undefined,
  }])
  t.like(declarations.get('HIDDEN')?.[0], {type: 'string', prompt: false})
  t.like(declarations.get('ASKED')?.[0], {type: 'int', prompt: true, visible: ['A']})
})

test('menus, ifs and choices lend their conditions to what is in them', (t) => {
  const declarations = parse(`
menu "M"
	depends on OUTER
	visible if SHOWN
if INNER
config IN
	bool "in"
endif
choice
	prompt "one of"
	depends on SOME
	config ONE
		bool "one"
	config TWO
		bool "two"
endchoice
endmenu
config OUT
	bool "out"
`)
  t.like(declarations.get('IN')?.[0], {depends: ['OUTER', 'INNER'], visible: ['SHOWN'], choice: undefined})
  t.like(declarations.get('ONE')?.[0], {depends: ['OUTER', 'SOME'], choice: 1})
  t.like(declarations.get('TWO')?.[0], {choice: 1})
  t.like(declarations.get('OUT')?.[0], {depends: [], visible: []})
})

test('help is passed over, as far as its indentation goes', (t) => {
  const declarations = parse(`
config A
	bool "a"
	help
	  config NOT
	    select NOT

	  depends on NOT
config B
	bool "b"
	---help---
	 This one.
	select C
`)
  t.false(declarations.has('NOT'))
  t.deepEqual(declarations.get('A')?.[0]?.depends, [])
  t.like(declarations.get('B')?.[0], {selects: [{symbol: 'C', condition: undefined}]})
})

test('a comment keeps its conditions to itself', (t) => {
  const declarations = parse('menu "M"\ncomment "only a word"\n\tdepends on X\nconfig A\n\tbool\nendmenu\n')
  t.deepEqual(declarations.get('A')?.[0]?.depends, [])
})

test('files are sourced, and a symbol may be declared more than once', (t) => {
  const declarations = parse('if X\nsource "more.in"\nendif\nconfig A\n\tbool "again"\n', {'more.in': 'config A\n\tbool "a"\nsource "none.in"\n'})
  t.deepEqual(declarations.get('A')?.map(({depends}) => depends), [['X'], []])
})
