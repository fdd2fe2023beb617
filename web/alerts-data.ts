/** Alerts as `postern_alert_list` answers them, and activity as `postern_activity` does. */
import { queryOptions } from '@tanstack/react-query'
import { type Arguments, callFunction } from './api.ts'

export type Alert = {
  readonly id: number
  readonly kind: string
  readonly severity: 'notice' | 'warning' | 'critical'
  readonly title: string
  readonly reason: string
  readonly examples: readonly string[]
  readonly token_id: string | null
  readonly token_name: string | null
  readonly first_time: number
  readonly time: number
  readonly occurrences: number
  readonly acknowledged: number | null
  readonly acknowledged_by: string | null
  readonly muted: 0 | 1
}

export type Mute = {
  readonly id: number
  readonly kind: string | null
  readonly token_id: string | null
  readonly until: number | null
}

type Alerts = {
  readonly alerts: readonly Alert[]
  readonly next_before: number | null
  readonly mutes: readonly Mute[]
}

export const alertsQuery = (args: Arguments) =>
  queryOptions({
    queryKey: ['postern_alert_list', args],
    queryFn: async () => (await callFunction<Alerts>('postern_alert_list', args)).data,
    staleTime: 0,
  })

export type ActivityPoint = {
  readonly time: number
  readonly calls: number
  readonly refused: number
  readonly sign_ins: number
  readonly failed_sign_ins: number
}

export const activityQuery = queryOptions({
  queryKey: ['postern_activity'],
  queryFn: async () =>
    (await callFunction<{ readonly series: readonly ActivityPoint[] }>('postern_activity')).data.series,
})
