import { ActionIcon, Button, Menu } from '@mantine/core'
import { AsCommand } from '../parts/as-command.tsx'
import { download } from '../parts/download.ts'
import { sayDone } from '../parts/say.ts'
import { Link, navigate } from '../router.tsx'
import { words } from '../words.ts'
import { refreshTokens } from './act.ts'
import { tokensAsCsv, tokensAsJson } from './export.ts'
import type { Token } from './token.ts'

const { list } = words.tokens

/** What is done with the list as a whole: at the right of its name, and in the menu under the gear. */
export function ListActions({ tokens }: { readonly tokens: readonly Token[] }) {
  const refresh = async (): Promise<void> => {
    await refreshTokens()
    sayDone(list.refreshed)
  }
  return (
    <>
      <Button component={Link} to="/tokens/new">
        {list.generate}
      </Button>
      <AsCommand calls={[{ name: 'postern_token_list', args: { revoked: 1 } }]} />
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="default" size={36} aria-label={list.gear} title={list.gear}>
            <Gear />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item onClick={() => void refresh()}>{list.refresh}</Menu.Item>
          <Menu.Item onClick={() => download('tokens.csv', 'text/csv', tokensAsCsv(tokens))}>
            {list.exportCsv}
          </Menu.Item>
          <Menu.Item onClick={() => download('tokens.json', 'application/json', tokensAsJson(tokens))}>
            {list.exportJson}
          </Menu.Item>
          <Menu.Divider />
          <Menu.Item className="danger-item" onClick={() => navigate('/tokens/revoke-all')}>
            {list.revokeAll}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </>
  )
}

function Gear() {
  return (
    <svg viewBox="0 0 16 16" width="16" height="16" aria-hidden="true">
      <path
        fill="currentColor"
        fillRule="evenodd"
        d="m6.7 1-.4 1.8-1 .4-1.6-1L2.2 3.7l1 1.6-.4 1L1 6.7v2.1l1.8.4.4 1-1 1.6 1.5 1.5 1.6-1 1 .4.4 1.8h2.1l.4-1.8 1-.4 1.6 1 1.5-1.5-1-1.6.4-1 1.8-.4V6.7l-1.8-.4-.4-1 1-1.6-1.5-1.5-1.6 1-1-.4L8.8 1zM7.8 5.4a2.4 2.4 0 1 1 0 4.8 2.4 2.4 0 0 1 0-4.8z"
      />
    </svg>
  )
}
