import { defineRead } from '../define.ts'

/** What `listresellers` leaves out; WHM has no function that tells what a reseller holds. */
export const posternResellerList = defineRead({
  name: 'postern_reseller_list',
  group: 'Resellers',
  summary: 'List the resellers with their privileges and name servers, and how many accounts and API tokens each has.',
  source: 'Postern',
  acl: 'all',
  params: {},
  failures: [],
  v0: 'none',
  async run({ stores }) {
    const found = await stores.accounts.listResellers()
    const accounts = Map.groupBy(await stores.accounts.listAccounts(undefined), (account) => account.ownerId)
    const tokens = Map.groupBy(await stores.tokens.listOwned({}), ({ token }) => token.userId)
    const resellers = []
    for (const reseller of found) {
      const { nameservers } = await stores.resellers.settingsOf(reseller.id)
      resellers.push({
        user: reseller.name,
        privileges: reseller.privileges,
        nameservers,
        suspended: reseller.isSuspended ? 1 : 0,
        accounts: accounts.get(reseller.id)?.length ?? 0,
        tokens: tokens.get(reseller.id)?.length ?? 0,
      })
    }
    return { data: { resellers } }
  },
})
