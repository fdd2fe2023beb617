/** What `createacct` tells about the account it made. No I/O. */
import type { NewAccount } from '../../accounts/account.ts'

/** WHM createacct, "data": four name servers with their addresses and records; ours are only named, so the rest is empty. */
export function placeFacts(ip: string, plan: string, nameservers: readonly string[]): Record<string, string> {
  const facts: Record<string, string> = { ip, package: plan }
  for (const [index, suffix] of ['', '2', '3', '4'].entries()) {
    facts[`nameserver${suffix}`] = nameservers[index] ?? ''
    facts[`nameservera${suffix}`] = ''
    facts[`nameserverentry${suffix}`] = ''
  }
  return facts
}

/** The log for people. The password is in it only when it is given. */
export function creationLog(account: NewAccount, owner: string, shownPassword: string | undefined): string {
  const lines = [
    'New Account Info',
    `Domain: ${account.domain}`,
    `Ip: ${account.ip}`,
    `UserName: ${account.user}`,
    `PassWord: ${shownPassword ?? '(not shown)'}`,
    `CgiAccess: ${account.limits.HASCGI === '0' ? 'n' : 'y'}`,
    `Theme: ${account.theme}`,
    `Contact Email: ${account.contactEmail}`,
    `Package: ${account.plan}`,
    `Language: ${account.locale}`,
    `Owner: ${owner}`,
    'Account Creation Ok',
  ]
  return lines.join('\n')
}
