/** Names under which strangers register theirs: `co.uk`, `github.io`. */

/** Says whether the name is one, by the list that browsers go by. That is large, so that it is loaded by the first who asks. */
export async function isPublicSuffix(domain: string): Promise<boolean> {
  const { getPublicSuffix } = await import('tldts')
  return getPublicSuffix(domain, { allowPrivateDomains: true }) === domain
}
