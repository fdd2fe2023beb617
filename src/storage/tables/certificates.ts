/** Keys, certificates and how they are had. See `../schema.ts`. */

export type SslKeyTable = {
  /** Made from the user and the key or certificate itself. */
  id: string
  user_id: number
  friendly_name: string
  /** The public half, PEM. */
  public_pem: string
  /** The private key, sealed under a key of the pepper. */
  sealed_key: string
  created_at: number
}

export type SslCertificateTable = {
  /** Made from the user and the key or certificate itself. */
  id: string
  user_id: number
  key_id: string
  friendly_name: string
  pem: string
  chain: string
  /** JSON: what the certificate tells about itself. */
  facts: string
  not_before: number
  not_after: number
  /** NULL: by hand. */
  provider: string | null
  created_at: number
}

export type SslSiteTable = {
  /** The domain of the site. */
  site: string
  user_id: number
  certificate_id: string
  installed_at: number
}

export type AutoSslTable = {
  site: string
  /** NULL: the server's own name. */
  user_id: number | null
  last_try_at: number | null
  /** `none`, `issued` or `failed`. */
  result: string
  problem: string
  failures: number
  next_try_at: number
  /** Until then somebody tries. */
  claimed_until: number | null
}

export type AutoSslAnswerTable = {
  /** Name and value. */
  id: string
  site: string
  name: string
  value: string
}

export type AcmeAccountTable = {
  directory: string
  sealed_key: string
  created_at: number
}
