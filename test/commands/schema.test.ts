import {readFile} from 'node:fs/promises'
import {join} from 'node:path'
import test from 'ava'
import {packageRoot} from '../../pipeline/base/package-root.ts'
import {isRecord} from '../../pipeline/base/json.ts'
import {cli} from '../helpers/cli.ts'
import {tempDir} from '../helpers/temp.ts'

test('the schema beside the shipped targets is the one that is printed', async (t) => {
  const {stdout, code} = await cli(['schema'], {cwd: await tempDir(t)})
  t.is(code, 0)
  t.is(await readFile(join(packageRoot, 'targets', 'schema.json'), 'utf8'), stdout, 'write it anew: cloudwrt schema > targets/schema.json')
})

test('every key is described for who writes a target', async (t) => {
  const schema: unknown = JSON.parse(await readFile(join(packageRoot, 'targets', 'schema.json'), 'utf8'))
  t.deepEqual([...undescribed(schema, '')], [])
})

/** The paths of the properties without a description, of a JSON schema and all within it. */
function* undescribed(schema: unknown, path: string): Generator<string> {
  if (!isRecord(schema)) return
  const {properties, items, additionalProperties, anyOf} = schema
  for (const [key, property] of Object.entries(isRecord(properties) ? properties : {})) {
    if (!isRecord(property) || typeof property['description'] !== 'string') yield `${path}.${key}`
    yield* undescribed(property, `${path}.${key}`)
  }
  for (const inner of [items, additionalProperties, ...(Array.isArray(anyOf) ? anyOf : [])]) yield* undescribed(inner, path)
}
