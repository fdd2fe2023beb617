import { Moment } from '../parts/moment.tsx'
import { words } from '../words.ts'
import type { Account } from './account.ts'

const PAUSED = 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM5.8 5v6h1.5V5zm2.9 0v6h1.5V5z'
const ACTIVE = 'M8 1.5a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zm3.1 4.2-4 4.2-2-2-1 1 3 3 5-5.2z'

/** Active, or suspended with since when and why: a mark and words. */
export function AccountState({ account }: { readonly account: Account }) {
  const { suspended, suspendreason, suspendtime, is_locked } = account
  const isSuspended = suspended === 1
  return (
    <>
      <span className="status" data-status={isSuspended ? 'paused' : 'active'}>
        <svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
          <path fill="currentColor" fillRule="evenodd" d={isSuspended ? PAUSED : ACTIVE} />
        </svg>
        {isSuspended ? words.accounts.suspended : words.accounts.active}
      </span>
      {isSuspended && (
        <span className="note">
          {suspendreason !== '' && <>{suspendreason} · </>}
          {suspendtime !== null && (
            <>
              {words.accounts.since} <Moment at={suspendtime} />
            </>
          )}
          {is_locked === 1 && <> · {words.accounts.locked}</>}
        </span>
      )}
    </>
  )
}
