/** What hosting accounts are given and have: packages, features, domains, zones, room on the disk. See `../schema.ts`. */

export type PackageTable = {
  name: string
  /** NULL: root's. */
  owner_id: number | null
  /** NULL: unlimited. */
  disk_limit_mb: number | null
  bandwidth_limit_mb: number | null
  /** JSON object: what is neither a size nor in `limits`. */
  settings: string
  /** JSON object of WHM limits and switches, as in `accounts`. */
  limits: string
  changed_at: number
}

export type FeatureListTable = {
  name: string
  /** NULL: root's. */
  owner_id: number | null
  /** JSON object of true and false by feature. */
  features: string
  changed_at: number
}

/** What an account has besides its main domain. */
export type DomainTable = {
  name: string
  user_id: number
  /** 'sub_domain', 'addon_domain' or 'parked_domain' */
  type: string
  parent: string
  document_root: string
  created_at: number
}

export type ZoneTable = {
  name: string
  /** NULL: root's alone. */
  user_id: number | null
  /** The same as in the text, so that a change can be guarded by it. */
  serial: number
  text: string
  changed_at: number
}

/** What was measured, so that lists need not walk over every folder. */
export type DiskUsageTable = {
  home: string
  bytes: number
  files: number
  measured_at: number
}
