/** Argument forms that the functions of certificates share. */
import { parseDomain } from '../../accounts/domains.ts'
import { Failure } from '../../failures.ts'
import { PEM_MAX } from '../../hosting/certificates/pem.ts'
import { optional, type Param, text } from '../../whm/params.ts'

export const certificatePem = text({
  doc: 'The certificate in PEM; those that stand behind it count as its chain.',
  min: 1,
  max: PEM_MAX,
})

/** A secret: it is quoted in no failure, and stays out of logs and the trail. */
export const keyPem = text({
  doc: 'Its private key in PEM, without a passphrase.',
  min: 1,
  max: PEM_MAX,
  secret: true,
})

export const chainPem = optional(
  text({ doc: 'The certificates of the authorities above it in PEM, in any order.', max: PEM_MAX }),
)

const DOMAINS_MAX = 100

/** Domains with commas between them; with `wildcards` the first label may be a star. */
export function domainList(options: { readonly doc: string; readonly wildcards: boolean }): Param<readonly string[]> {
  const form = text({ doc: options.doc, min: 1, max: 30_000 })
  return {
    ...form,
    read(args, name, nowMs) {
      const parts = form
        .read(args, name, nowMs)
        .split(/[\s,]+/)
        .filter((part) => part !== '')
      if (parts.length === 0) throw new Failure('argument-missing', { argument: name })
      if (parts.length > DOMAINS_MAX)
        throw new Failure('argument-invalid', {
          argument: name,
          value: `${parts.length} domains`,
          problem: `are more than the ${DOMAINS_MAX} that are allowed`,
        })
      return [...new Set(parts.map((part) => parseName(part, name, options.wildcards)))]
    },
  }
}

function parseName(value: string, argument: string, wildcards: boolean): string {
  return wildcards && value.startsWith('*.')
    ? `*.${parseDomain(value.slice(2), argument)}`
    : parseDomain(value, argument)
}

const holderText = (doc: string, max = 64) =>
  optional(text({ doc, max, only: /^[^\p{C}]*$/u, onlyProblem: 'is not one line' }))

/** What a signing request says about its holder. */
export const holderParams = {
  countryName: optional(
    text({
      doc: 'The country, by its two letters.',
      only: /^([A-Za-z]{2})?$/,
      onlyProblem: 'is no country by its two letters',
    }),
  ),
  stateOrProvinceName: holderText('The state or province.', 128),
  localityName: holderText('The city.', 128),
  organizationName: holderText('The organization.'),
  organizationalUnitName: holderText('The part of the organization.'),
  emailAddress: optional(
    text({ doc: 'A mail address.', max: 254, only: /^([^\s@,]+@[^\s@,]+)?$/, onlyProblem: 'is not an e-mail address' }),
  ),
}

/** The same where it must be given; an empty value is none. */
export function required(param: Param<string | undefined>): Param<string> {
  return {
    ...param,
    optional: false,
    read(args, name, nowMs) {
      const value = param.read(args, name, nowMs) ?? ''
      if (value === '') throw new Failure('argument-missing', { argument: name })
      return value
    },
  }
}

/** A name for people. */
export const friendlyName = text({
  doc: 'A name by which people know it.',
  max: 200,
  only: /^[^\p{C}]*$/u,
  onlyProblem: 'is not one line',
})
