import type { Service } from '../../accounts/sessions.ts'
import { optional, text } from '../../whm/params.ts'
import type { Services } from '../context.ts'
import { defineRead } from '../define.ts'

/** The services that there are: those of Postern itself. The embedded host runs no others. */
export const servicestatus = defineRead({
  name: 'servicestatus',
  group: 'Server',
  summary: 'Tell which services run.',
  source: 'WHM API 1, "Return service status"',
  acl: 'status',
  params: { service: optional(text({ doc: 'One service by its name; all when absent.', max: 64 })) },
  failures: ['argument-invalid'],
  v0: 'plain',
  run({ services }, { service: wanted }) {
    const all = [
      status(services, 'whostmgrd', 'WHM Service', 'whm'),
      status(services, 'cpaneld', 'cPanel Service', 'cpanel'),
    ]
    return { data: { service: wanted ? all.filter(({ name }) => name === wanted) : all } }
  },
})

function status(services: Services, name: string, display: string, service: Service) {
  const isOpen = services.originOf(service) !== undefined ? 1 : 0
  return { display_name: display, enabled: isOpen, installed: 1, monitored: 1, name, running: isOpen }
}
