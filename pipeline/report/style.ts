import {styleText} from 'node:util'

/** Colours, or none: whoever prints takes one of these and never asks for the terminal. */
export interface Style {
  bold(text: string): string
  dim(text: string): string
  red(text: string): string
  green(text: string): string
  yellow(text: string): string
  cyan(text: string): string
}

export function createStyle(color: boolean): Style {
  const paint = (format: Parameters<typeof styleText>[0]) => (text: string): string =>
    // whether the stream takes colours was decided in choice.ts, from the stream that is written to
    color && text !== '' ? styleText(format, text, {validateStream: false}) : text
  return {bold: paint('bold'), dim: paint('dim'), red: paint(['red', 'bold']), green: paint('green'), yellow: paint('yellow'), cyan: paint('cyan')}
}
