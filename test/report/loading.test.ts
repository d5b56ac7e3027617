import {registerHooks} from 'node:module'
import test from 'ava'

/** Every module that was loaded since this file was. */
const loaded: string[] = []
registerHooks({load: (url, context, next) => { loaded.push(url); return next(url, context) }})

test('listr2 is loaded for a terminal only', async (t) => {
  const {capture, bare, success} = await import('../helpers/events.ts')
  const {createReporter} = await import('../../pipeline/report/reporter.ts')
  const reporter = createReporter({...bare, streams: capture().streams, secrets: () => []})
  for (const event of success) reporter.emit(event)
  await reporter.close()
  const has = (name: string): boolean => loaded.some((url) => url.includes(name))
  t.true(has('/pipeline/report/lines.ts'))
  t.false(has('/node_modules/'), `loaded: ${loaded.filter((url) => url.includes('/node_modules/')).join(' ')}`)
  await import('../../pipeline/report/listr.ts')
  t.true(has('/node_modules/listr2/'))
})
