import { Button } from '@mantine/core'
import { useState } from 'react'
import { callFunction } from '../api.ts'
import type { Reads } from '../pages.ts'
import { AsCommand } from '../parts/as-command.tsx'
import { Confirm } from '../parts/dialog.tsx'
import { PageHead } from '../parts/page-head.tsx'
import { sayDone } from '../parts/say.ts'
import { Bans, GuessedUsers } from '../protection/bans.tsx'
import { FailedAttempts } from '../protection/failed.tsx'
import { AddressList } from '../protection/lists.tsx'
import { SettingsForm } from '../protection/settings.tsx'
import { LIST_NAMES, protectionQuery, refreshProtection, useProtection } from '../protection/state.ts'
import { queryClient } from '../queries.ts'
import { words } from '../words.ts'

const text = words.protection

export const reads: Reads = () => [queryClient.ensureQueryData(protectionQuery)]

/** Security » Brute-force Protection: who is banned and why, who is spared or kept out, and from when on it bans. */
export function ProtectionPage() {
  const { config, bans, users, failed, lists } = useProtection()
  return (
    <>
      <PageHead
        title={text.title}
        actions={
          <AsCommand
            calls={[
              { name: 'get_cphulk_brutes' },
              { name: 'get_cphulk_excessive_brutes' },
              { name: 'get_cphulk_failed_logins' },
              ...LIST_NAMES.map((name) => ({ name: 'read_cphulk_records', args: { list_name: name } })),
            ]}
          />
        }
      >
        {text.about}
      </PageHead>
      <Switch isOn={config.is_enabled === 1} />
      <Bans bans={bans} hasUsers={users.length > 0} />
      <GuessedUsers users={users} />
      <FailedAttempts failed={failed} />
      <div className="figure-sheets protection-lists">
        {LIST_NAMES.map((name) => (
          <AddressList key={name} name={name} records={lists[name]} />
        ))}
      </div>
      <SettingsForm config={config} />
    </>
  )
}

function Switch({ isOn }: { readonly isOn: boolean }) {
  const [isAsking, setAsking] = useState(false)
  return (
    <section className="sheet part in-force" aria-labelledby="protection-state">
      <div>
        <h2 id="protection-state" className="state-title">
          {isOn ? text.isOn : text.isOff}
        </h2>
        <p className="dim flat">{isOn ? text.onAbout : text.offAbout}</p>
      </div>
      <Button variant="default" onClick={() => setAsking(true)}>
        {isOn ? text.turnOff : text.turnOn}
      </Button>
      {isAsking && (
        <Confirm
          title={isOn ? text.turnOffTitle : text.turnOnTitle}
          confirm={isOn ? text.turnOffConfirm : text.turnOnConfirm}
          isDangerous={isOn}
          onClose={() => setAsking(false)}
          onConfirm={async () => {
            await callFunction(isOn ? 'disable_cphulk' : 'enable_cphulk')
            await refreshProtection()
            sayDone(isOn ? text.nowOff : text.nowOn)
          }}
        >
          <p>{isOn ? text.turnOffAbout : text.turnOnAbout}</p>
        </Confirm>
      )}
    </section>
  )
}
