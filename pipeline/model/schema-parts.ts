import {z} from 'zod'

/** An object that knows no other keys. Its complaint about unknown ones holds those that there are, for "did you mean". */
export function strict<Shape extends z.ZodRawShape>(shape: Shape): z.ZodObject<Shape, z.core.$strict> {
  const known = Object.keys(shape)
  return z.strictObject(shape, {error: ({code}) => (code === 'unrecognized_keys' ? known.join(' ') : undefined)})
}

/** Text with a grammar of its own: `complain` says what is wrong with it. */
export function text(complain: (text: string) => string | undefined): z.ZodString {
  return z.string().superRefine((value, context) => {
    const complaint = complain(value)
    if (complaint !== undefined) context.addIssue({code: 'custom', message: complaint})
  })
}
