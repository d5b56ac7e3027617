/** What something is needed for. */
export const purposes = ['openwrt', 'demo', 'edit', 'loop', 'convert', 'boot', 'test', 'bench'] as const
export type Purpose = (typeof purposes)[number]

/** What a person sets out to do, and all that it takes. */
export const undertakings = {
  openwrt: ['openwrt', 'edit', 'convert'],
  demo: ['demo', 'edit', 'convert'],
  edit: ['edit', 'convert'],
  loop: ['loop', 'edit', 'convert'],
  boot: ['boot'],
  test: ['test', 'demo', 'edit', 'convert', 'boot'],
  bench: ['bench', 'demo', 'edit', 'convert'],
} as const satisfies Record<string, readonly Purpose[]>

export type Undertaking = keyof typeof undertakings
