/** Ready lines to use a new token with. They hold its secret, so they are shown where it is shown, once. No I/O. */
import { curlLines } from '../command-lines.ts'

export type Credential = {
  readonly origin: string
  readonly host: string
  readonly user: string
  readonly secret: string
}

export type UseLines = {
  readonly curl: string
  readonly php: string
  readonly python: string
  readonly whmcs: string
  readonly env: string
}

/** User and host are checked names, and the secret is letters and digits, so none of them needs quoting in these languages. */
export function linesFor({ origin, host, user, secret }: Credential): UseLines {
  const [name, port = '443'] = host.split(':')
  return {
    curl: curlLines(origin, user, 'applist', {}, secret),
    php: `<?php
$curl = curl_init('${origin}/json-api/applist?api.version=1');
curl_setopt($curl, CURLOPT_HTTPHEADER, ['Authorization: whm ${user}:${secret}']);
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
echo curl_exec($curl);`,
    python: `import urllib.request
request = urllib.request.Request(
    '${origin}/json-api/applist?api.version=1',
    headers={'Authorization': 'whm ${user}:${secret}'},
)
print(urllib.request.urlopen(request).read().decode())`,
    whmcs: `Hostname:  ${name}
Port:      ${port}
Username:  ${user}
API Token: ${secret}
Secure:    yes (SSL)`,
    env: `WHM_HOST=${name}\nWHM_PORT=${port}\nWHM_USER=${user}\nWHM_API_TOKEN=${secret}\n`,
  }
}
