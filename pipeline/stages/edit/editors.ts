import type {Editor} from './editor.ts'

/** Every editor by its name, the default first. Each is brought in when one is to be chosen: the command line only reads the names. */
const editors: Readonly<Record<string, () => Promise<Editor>>> = {
  userspace: async () => (await import('./userspace.ts')).userspace,
  loop: async () => (await import('./loop.ts')).loop,
}

export const editorNames = Object.keys(editors)

export async function loadEditors(): Promise<readonly Editor[]> {
  return Promise.all(Object.values(editors).map(async (load) => load()))
}
