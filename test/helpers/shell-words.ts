/**
 * The programs that shell text calls, found by its words. It knows quotes, here documents, case patterns and functions, which is
 * enough for text that shellcheck is content with; what stands in a variable it does not see.
 */

const keywords = `
if then elif else fi while until for do done case esac in { } ! [ [[ : . alias bg break cd command continue echo eval exec exit export false fg getopts hash jobs kill
let local printf pwd read readonly return set shift test times trap true type ulimit umask unalias unset wait
`.trim().split(/\s+/)

/** Words in the place of a command that are neither of the shell, nor functions of the texts, nor known: `FILE: WORD`. */
export function strangers(sources: Readonly<Record<string, string>>, known: readonly string[]): string[] {
  const functions = Object.values(sources).flatMap((text) => [...text.matchAll(/^\s*(\w+)\(\)/gm)].map((match) => match[1] ?? ''))
  const familiar = new Set([...keywords, ...known, ...functions])
  return Object.entries(sources).flatMap(([name, text]) => [...new Set(commands(text))].filter((word) => !familiar.has(word)).map((word) => `${name}: ${word}`))
}

/** Every plain word in the place of a command. */
export function commands(text: string): string[] {
  const bare = withoutPatterns(withoutQuotes(withoutDocuments(text)))
  const place = /(?<=(?:^|[;&|(]|\b(?:if|then|elif|else|while|until|do)\s|[{!]\s)[ \t]*(?:\w+=[^\s;&|)]*[ \t]+)*)[A-Za-z][\w.-]*(?=[\s;&|)]|$)/gm
  return bare.match(place) ?? []
}

function withoutDocuments(text: string): string {
  return text.replace(/<<-?\s*'?(\w+)'?(.*)\n(?:.*\n)*?\s*\1$/gm, '$2')
}

/** Strings become $, which is no word, and comments go; what "$(…)" runs stays. */
function withoutQuotes(text: string): string {
  let out = ''
  const open: string[] = []
  for (let at = 0; at < text.length; at++) {
    const [char = '', inside] = [text[at], open.at(-1)]
    if (char === '\\') at++
    else if (char === '#' && inside !== '"' && /\s/.test(text[at - 1] ?? '\n')) at = text.indexOf('\n', at) - 1
    else if (inside !== '"' && char === "'") {
      at = text.indexOf("'", at + 1)
      if (at < 0) throw new Error('a quote is not closed')
      out += '$'
    } else if (char === '"') {
      if (inside === '"') open.pop()
      else {
        open.push('"')
        out += '$'
      }
    } else if (text.startsWith('$(', at) && text[at + 2] !== '(') {
      open.push(')')
      out += '$('
      at++
    } else if (inside !== '"' && char === '(') {
      open.push(')')
      out += char
    } else if (inside === ')' && char === ')') {
      open.pop()
      out += char
    } else if (inside !== '"') out += char
  }
  return out
}

/** The patterns of `case`, and arithmetic, name no commands. */
function withoutPatterns(text: string): string {
  return text
    .replace(/\$\(\((?:[^()]|\([^()]*\))*\)\)/g, '0')
    .replace(/^[ \t]*\(?[^\s()][^()\n]*\)(?!\()/gm, (pattern) => (/\$$|\$\(/.test(pattern) ? pattern : ';'))
    .replace(/(\bcase\s+\S+\s+in|;;)\s+[^()\n]*\)/g, '$1 ;')
}
