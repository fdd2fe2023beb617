/** Texts of Manage API Tokens and of its forms. */
export const tokenWords = {
  title: 'Manage API Tokens',
  searchWords: 'api key keys token tokens secret credential access whm generate create revoke expire expiry',
} as const
