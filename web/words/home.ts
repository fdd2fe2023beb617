/** Texts of the home page. */
export const homeWords = {
  title: 'Home',
  searchWords: 'start overview attention dashboard',
} as const
