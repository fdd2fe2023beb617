/** How we know what a privilege opens. `parameter`: it opens arguments of functions (see `gates`), not functions. */
export type PrivilegeBasis = 'documented' | 'inferred' | 'parameter' | 'unknown'

/** `escalates`: lets a token go beyond its own limits. `elevated`: reaches further than its label says, in our judgement. */
export type PrivilegeDanger = 'escalates' | 'elevated' | 'none'

/** One ACL entry: its wire name, what WHM's pages call it, and in our words what it opens. */
export type Privilege = {
  readonly acl: string
  readonly label: string
  /** `Section/Part`, as the privileges page orders them. */
  readonly group: string
  /** Every reseller starts with it. */
  readonly initial: boolean
  readonly description: string
  /** Wire names, also of functions that Postern does not serve; `*` alone is every function. */
  readonly functions: readonly string[]
  readonly basis: PrivilegeBasis
  /** `function.argument` that it opens. */
  readonly gates?: readonly string[]
  readonly danger: PrivilegeDanger
  /** Why it reaches further; present exactly when `danger` is not `none`. */
  readonly warning?: string
  readonly note?: string
}

type Row = Omit<Privilege, 'group' | 'initial' | 'danger'> & { readonly danger?: PrivilegeDanger }

const INITIAL = 'Initial Privileges'

/** Completes the rows of one group, so that the tables say only what differs. */
export function inGroup(group: string, rows: readonly Row[]): readonly Privilege[] {
  return rows.map((row) => ({ ...row, group, initial: group === INITIAL, danger: row.danger ?? 'none' }))
}
