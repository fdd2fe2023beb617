/** Starts the pages: theme, stored answers, frame. */
import '@mantine/core/styles.css'
import '@mantine/dates/styles.css'
import '@mantine/notifications/styles.css'
import './alerts.css'
import './lists.css'
import './look.css'
import './protection.css'
import './tokens.css'
import './watch.css'
import { MantineProvider } from '@mantine/core'
import { Notifications } from '@mantine/notifications'
import { QueryClientProvider } from '@tanstack/react-query'
import { StrictMode, Suspense } from 'react'
import { createRoot } from 'react-dom/client'
import { PAGES } from './pages.ts'
import { Broken } from './parts/broken.tsx'
import { Loading } from './parts/loading.tsx'
import { Shell } from './parts/shell.tsx'
import { queryClient, whoamiQuery } from './queries.ts'
import { pathNow } from './router.tsx'
import { cssVariables, theme } from './theme.ts'

/** The policy of the page lets only styles with this value in. */
const styleNonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce ?? ''

// Both are on their way while the frame is made. Whatever fails is told when the frame asks for it.
void queryClient.prefetchQuery(whoamiQuery)
PAGES.find(({ path }) => path === pathNow())
  ?.load()
  .catch(() => {})

const container = document.getElementById('root')
if (container === null) throw new Error('index.html has no root')
createRoot(container).render(
  <StrictMode>
    <MantineProvider
      theme={theme}
      cssVariablesResolver={cssVariables}
      defaultColorScheme="auto"
      getStyleNonce={() => styleNonce}
    >
      <Notifications position="top-right" autoClose={8000} limit={4} />
      <QueryClientProvider client={queryClient}>
        <Broken>
          <Suspense fallback={<Loading />}>
            <Shell />
          </Suspense>
        </Broken>
      </QueryClientProvider>
    </MantineProvider>
  </StrictMode>,
)
