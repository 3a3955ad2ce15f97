/** Slugs that are words: of accounts and organisations. Those that are numbers come from `@sonde/client`. */

/** `My new Org` to `my-new-org`; letters and digits of any script stay, accents go. */
export function slugFromName(name: string): string {
  return name
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}_]+/gu, '-')
    .replace(/^-+|-+$/g, '')
}

/** As for a name, but dots vanish: `user.new` to `usernew`. */
export function slugFromUsername(username: string): string {
  return slugFromName(username.replaceAll('.', ''))
}
