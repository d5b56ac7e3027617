import {styleText} from 'node:util'

/** Colours, or none: whoever prints takes one of these and never asks for the terminal. */
export type Style = Readonly<Record<'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan', Paint>>

export type Paint = (text: string) => string

export function createStyle(color: boolean): Style {
  const paint = (format: Parameters<typeof styleText>[0]): Paint => (text) =>
    // whether the stream takes colours was decided in choice.ts, from the stream that is written to
    color && text !== '' ? styleText(format, text, {validateStream: false}) : text
  return {bold: paint('bold'), dim: paint('dim'), red: paint(['red', 'bold']), green: paint('green'), yellow: paint('yellow'), cyan: paint('cyan')}
}
