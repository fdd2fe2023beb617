import { Button, Group, NativeSelect } from '@mantine/core'
import { useState } from 'react'
import type { Alert } from '../alerts-data.ts'
import { callFunction } from '../api.ts'
import { words } from '../words.ts'
import { Dialog } from './dialog.tsx'
import { sayDone, sayFailed } from './say.ts'

const text = words.alerts.list
const HOURS = [1, 24, 168] as const

type Props = { readonly alert: Alert; readonly onClose: () => void; readonly onMuted: () => void }

/** Asks what to mute and for how long: the narrowest is offered first. */
export function MuteDialog({ alert, onClose, onMuted }: Props) {
  const name = alert.token_name ?? alert.token_id
  const choices =
    name === null
      ? [{ value: 'kind', label: text.muteKind(alert.title) }]
      : [
          { value: 'both', label: text.muteBoth(alert.title, name) },
          { value: 'kind', label: text.muteKind(alert.title) },
          { value: 'token', label: text.muteToken(name) },
        ]
  const [what, setWhat] = useState(choices[0]?.value ?? 'kind')
  const [hours, setHours] = useState(String(HOURS[1]))
  const mute = async (): Promise<void> => {
    const until = hours === '0' ? undefined : Math.floor(Date.now() / 1000) + Number(hours) * 3600
    try {
      await callFunction('postern_alert_mute', {
        kind: what === 'token' ? undefined : alert.kind,
        token_id: what === 'kind' ? undefined : (alert.token_id ?? undefined),
        until,
      })
      sayDone(text.mutedNow)
      onMuted()
      onClose()
    } catch (error) {
      sayFailed(error)
    }
  }
  return (
    <Dialog title={text.muteTitle} onClose={onClose}>
      <p>{text.muteAbout}</p>
      <NativeSelect
        label={text.muteWhat}
        data={choices}
        value={what}
        onChange={(event) => setWhat(event.target.value)}
      />
      <NativeSelect
        mt="sm"
        label={text.muteUntil}
        value={hours}
        onChange={(event) => setHours(event.target.value)}
        data={[
          ...HOURS.map((value) => ({ value: String(value), label: text.hours(value) })),
          { value: '0', label: text.untilTakenBack },
        ]}
      />
      <Group mt="md" justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {words.common.cancel}
        </Button>
        <Button onClick={() => void mute()}>{text.mute}</Button>
      </Group>
    </Dialog>
  )
}
