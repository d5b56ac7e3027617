import type {z} from 'zod'
import {nearest} from '../base/nearest.ts'
import type {ProblemCode} from '../model/catalogue.ts'
import type {Problem} from '../model/problem.ts'
import {find, misfit, placeOf, valueOf, type Located, type Path} from './located.ts'

type Issue = z.core.$ZodIssue

/** Every way in which a value does not fit its schema, as Problems with places. An unknown key is a complaint of its own. */
export function complaints(schema: z.ZodType, node: Located, code: ProblemCode): readonly Problem[] {
  const {error} = schema.safeParse(valueOf(node))
  return (error?.issues ?? []).flatMap((issue) => explain(issue, [], node)).map(({path, message, hint, ofKey}) => {
    const at = (ofKey === true ? undefined : find(node, path)?.at) ?? placeOf(node, path)
    return misfit(path, message, at, hint, code)
  })
}

interface Complaint {
  readonly path: Path
  readonly message: string
  readonly hint?: string
  /** It is the key that does not fit. */
  readonly ofKey?: boolean
}

function explain(issue: Issue, around: Path, root: Located): readonly Complaint[] {
  const path = [...around, ...issue.path.map((step) => (typeof step === 'number' ? step : String(step)))]
  const found = find(root, path)
  switch (issue.code) {
    case 'unrecognized_keys': return issue.keys.map((key) => unknownKey([...path, key], issue.message.split(' ')))
    case 'invalid_key': return issue.issues.map(({message}) => ({path, message, ofKey: true}))
    case 'invalid_union': return explainUnion(issue, path, root)
    case 'invalid_type': return [wrongKind(path, [issue.expected], found)]
    case 'invalid_value': return [wrongChoice(path, issue.values.map(String), found)]
    case 'too_small': return [{path, message: issue.origin === 'array' ? issue.message : `expected ${issue.inclusive ? 'at least' : 'more than'} ${issue.minimum}`}]
    case 'too_big': return [{path, message: `expected at most ${issue.maximum}`}]
    default: return [{path, message: issue.message}]
  }
}

/** Of several shapes the one that was meant is that of which something was understood: its complaints lie deeper, or are not about the kind. */
function explainUnion(issue: z.core.$ZodIssueInvalidUnion, path: Path, root: Located): readonly Complaint[] {
  const meant = issue.errors.find((issues) => issues.some(({code, path: inner}) => inner.length > 0 || (code !== 'invalid_type' && code !== 'invalid_value')))
  if (meant !== undefined) return meant.flatMap((inner) => explain(inner, path, root))
  if (issue.message !== 'Invalid input') return [{path, message: issue.message}]
  return [wrongKind(path, issue.errors.flat().flatMap((inner) => (inner.code === 'invalid_type' ? [inner.expected] : [])), find(root, path))]
}

function unknownKey(path: Path, known: readonly string[]): Complaint {
  const key = String(path.at(-1))
  const meant = nearest(key, known)
  const hint = meant === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean ${meant}?`
  return {path, message: 'unknown key', hint, ofKey: true}
}

function wrongKind(path: Path, expected: readonly string[], found: Located | undefined): Complaint {
  if (found === undefined) return {path, message: 'is missing'}
  if (found.kind === 'scalar' && found.value === null) return {path, message: `is empty, expected ${kindsInWords(expected)}`}
  const message = `expected ${kindsInWords(expected)}, not ${kindOf(found)}`
  const wantsText = expected.includes('string') && found.kind === 'scalar' && typeof found.value !== 'string'
  return wantsText ? {path, message, hint: `A text that looks like something else stands in quotes: "${found.text}".`} : {path, message}
}

function wrongChoice(path: Path, choices: readonly string[], found: Located | undefined): Complaint {
  const message = choices.length === 1 ? `expected ${choices[0]}` : `expected one of ${choices.join(', ')}`
  const meant = found?.kind === 'scalar' ? nearest(found.text, choices) : undefined
  return meant === undefined ? {path, message} : {path, message, hint: `Did you mean ${meant}?`}
}

function kindsInWords(expected: readonly string[]): string {
  const words = [...new Set(expected.map((kind) => kinds[kind] ?? kind))].filter((word) => word !== kinds['null'])
  const last = words.pop() ?? ''
  return words.length === 0 ? last : `${words.join(', ')} or ${last}`
}

const kinds: Readonly<Record<string, string>> = {
  string: 'a text', number: 'a number', int: 'a whole number', boolean: 'true or false', object: 'a map', record: 'a map', array: 'a list', null: 'nothing',
}

function kindOf(node: Located): string {
  if (node.kind !== 'scalar') return node.kind === 'list' ? 'a list' : 'a map'
  return {string: 'a text', number: 'a number', boolean: 'true or false'}[typeof node.value as 'string' | 'number' | 'boolean']
}
