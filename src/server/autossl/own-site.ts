/** The certificate of Postern itself, had in the same way as those of sites. */
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { join } from 'node:path'
import type { Settings } from '../../config/schema.ts'
import { checkPair } from '../../hosting/certificates/check.ts'
import { domainsOf } from '../../hosting/certificates/facts.ts'
import { covers } from '../../hosting/certificates/names.ts'
import { renewalAt } from '../../hosting/certificates/renewal.ts'
import { writeChallenge } from '../../hosting/hosts/challenge-files.ts'
import { writeFileDurably } from '../../storage/durable-file.ts'
import { StartRefusal } from '../../storage/start-refusal.ts'
import type { Certificate } from '../certificate.ts'
import type { Solve } from './authority.ts'
import type { OwnSite } from './autossl.ts'

export type OwnParts = {
  readonly settings: Settings
  /** The data folder. */
  readonly folder: string
  /** The pair that connections are answered with now. */
  inUse(): Certificate
  /** Lets new connections have what is in the folder now; open ones go on. */
  reload(): Promise<void>
  now(): Date
  /** Answers in a zone of this server. */
  readonly byZone: Solve
}

/** Undefined unless the settings ask for it. The key stays, so that one file changes, in one step. */
export function ownSiteOf({ settings, folder, inUse, reload, now, byZone }: OwnParts): OwnSite | undefined {
  if (settings.serverCertificate !== 'autossl') return undefined
  const name = settings.hostname.toLowerCase()
  return {
    name,
    async isDue(at) {
      const certificate = new X509Certificate(inUse().cert)
      if (inUse().selfSigned || !covers(domainsOf(certificate), name)) return true
      return renewalAt({ notBefore: certificate.validFromDate, notAfter: certificate.validToDate }) <= at
    },
    async csr() {
      const { makeRequest } = await import('../../hosting/certificates/made.ts')
      return makeRequest(createPrivateKey(inUse().key), [name], {})
    },
    solve: solveIn(settings, byZone),
    async install(pem) {
      await checkPair(pem, inUse().key, undefined, now())
      await writeFileDurably(join(folder, 'tls/cert.pem'), pem)
      await reload()
    },
  }
}

function solveIn({ acmeChallenge, serverWebroot }: Settings, byZone: Solve): Solve {
  if (acmeChallenge === 'dns-01') return byZone
  if (serverWebroot !== undefined) return (_domain, token, value) => writeChallenge(serverWebroot, [], token, value)
  throw new StartRefusal(
    'The setting server_certificate is “autossl”, and nothing says where challenges for hostname are answered.',
    'Set server_webroot to the folder that a web server shows at http://HOSTNAME/, or acme_challenge to “dns-01”.',
  )
}
