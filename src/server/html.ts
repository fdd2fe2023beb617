/** The few pages that the server itself writes: sign-in, a first page, and errors. No script, nothing from another host. */

/** Text as it may stand in HTML, in and outside attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

const STYLE = `
:root{color-scheme:light dark;--ink:#1d2330;--dim:#5a6375;--paper:#f6f6f3;--card:#fff;--line:#d8dae0;--accent:#1f5f8b;--on-accent:#fff;--bad:#a3201b}
@media (prefers-color-scheme:dark){:root{--ink:#e7e9ee;--dim:#a2abbd;--paper:#14171d;--card:#1c2028;--line:#343b49;--accent:#6db3e2;--on-accent:#0d1620;--bad:#ff9d96}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif;display:grid;grid-template-columns:minmax(0,1fr);place-items:center;padding:16px}
main{width:100%;max-width:44rem;background:var(--card);border:1px solid var(--line);border-radius:10px;padding:clamp(18px,5vw,28px)}
main.narrow{max-width:24rem}
.mark{display:flex;align-items:center;gap:10px;font-weight:650;letter-spacing:.01em;margin:0 0 20px}
.mark svg{width:26px;height:30px;flex:none}
h1{font-size:1.35rem;line-height:1.3;margin:0 0 14px;overflow-wrap:anywhere}
h2{font-size:1rem;margin:22px 0 6px}
p{margin:0 0 12px}
.dim{color:var(--dim);font-size:.925rem}
label{display:block;font-weight:550;margin:14px 0 4px}
input{width:100%;font:inherit;padding:9px 11px;border:1px solid var(--dim);border-radius:6px;background:var(--paper);color:var(--ink)}
button{font:inherit;font-weight:600;margin-top:20px;padding:10px 18px;border:0;border-radius:6px;background:var(--accent);color:var(--on-accent);cursor:pointer;width:100%}
button.quiet{width:auto;background:none;border:1px solid var(--dim);color:var(--ink)}
:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
main>:last-child{margin-bottom:0}
.bad{color:var(--bad);border-left:4px solid var(--bad);padding:4px 0 4px 12px;margin:0 0 12px}
details{margin-top:22px;padding-top:14px;border-top:1px solid var(--line)}
summary{cursor:pointer;min-height:24px}
details p{margin:10px 0 0}
.print{font:13px/1.55 ui-monospace,monospace;overflow-wrap:anywhere}
.told{border-left:4px solid var(--accent);padding:4px 0 4px 12px;margin:0 0 12px}
pre{background:var(--paper);border:1px solid var(--line);border-radius:6px;padding:12px;white-space:pre-wrap;overflow-wrap:anywhere;font:13px/1.55 ui-monospace,monospace;margin:0 0 12px}
a{color:var(--accent)}`

/** For the policy of the pages: the one style sheet, by its text. */
export const PAGE_STYLE: string = STYLE

/** The mark alone; the one file that a stranger gets, since browsers ask for it before anybody is signed in. */
export const ICON: string =
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><path fill="#1f5f8b" d="M4 31V14a12 12 0 0 1 24 0v17z"/><path fill="#fff" d="M9 31V14.5a7 7 0 0 1 14 0V31z"/><circle fill="#1f5f8b" cx="18.6" cy="21.5" r="1.9"/></svg>'

const MARK = `<p class="mark"><svg viewBox="0 0 26 30" aria-hidden="true"><path fill="currentColor" d="M0 30V13a13 13 0 0 1 26 0v17z"/><path fill="var(--card)" d="M6 30V14a7 7 0 0 1 14 0v16z"/><circle fill="var(--accent)" cx="16.5" cy="20" r="1.8"/></svg>Postern</p>`

function page(title: string, className: string, body: string, head = ''): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<title>${escapeHtml(title)} · Postern</title>${head}<style>${STYLE}</style></head>
<body><main class="${className}">${MARK}${body}</main></body></html>
`
}

type SignIn = {
  /** The last attempt was refused; the words tell a stranger nothing. */
  readonly failed: boolean
  readonly user: string
  /** The path after the sign-in, already known to be one of ours. */
  readonly goTo: string
  /** The browser came with a session that is over. */
  readonly hasEnded: boolean
  /** The browser comes from signing out. */
  readonly hasSignedOut: boolean
  /** Of the certificate in use, if no authority vouches for it. */
  readonly selfSignedFingerprint: string | undefined
}

/** Works without a script. */
export function signInPage(options: SignIn): string {
  const focusOn = (field: 'user' | 'pass'): string => ((options.user === '') === (field === 'user') ? ' autofocus' : '')
  const failed = options.failed
    ? '<p class="bad" role="alert">Signing in did not work. Check the user name and the password.</p>'
    : ''
  const ended = options.hasEnded
    ? '<p class="told" role="status">Your session has ended. Sign in again to go on.</p>'
    : ''
  const out = options.hasSignedOut ? '<p class="told" role="status">You are signed out.</p>' : ''
  return page(
    'Sign in',
    'narrow',
    `<h1>Sign in</h1>${failed}${ended}${out}
<form method="post" action="/login/">${goToField(options.goTo)}
<label for="user">User name</label>
<input id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required${focusOn('user')} value="${escapeHtml(options.user)}">
<label for="pass">Password</label>
<input id="pass" name="pass" type="password" autocomplete="current-password" required${focusOn('pass')}>
<button>Sign in</button>
</form>${selfSignedNotice(options.selfSignedFingerprint)}`,
  )
}

function goToField(path: string): string {
  return path === '/' ? '' : `\n<input type="hidden" name="goto_uri" value="${escapeHtml(path)}">`
}

/** Why the browser warned, how to make sure that this is the right server all the same, and how to be rid of the warning. */
function selfSignedNotice(fingerprint: string | undefined): string {
  if (fingerprint === undefined) return ''
  return `
<details class="dim"><summary>The certificate of this server is self-signed</summary>
<p>That is why your browser warned you. Compare the certificate it shows with the line that the server printed when it started:</p>
<p class="print">SHA-256 ${escapeHtml(fingerprint)}</p>
<p>To be rid of the warning, put a certificate for this host name into <code>tls/cert.pem</code> and its key into <code>tls/key.pem</code> of the data folder, and reload the server.</p>
</details>`
}

/** What a browser that signs in with a ticket already sent, and whether its code was refused. */
type SecondStep = { readonly ticket: string; readonly failed: boolean; readonly goTo: string }

/**
 * The second step of signing in. Without a first one, for a program that sent a password alone, it asks for all three. Clients know
 * the form by its name (observed), so it stays; and by no words that they take for a ban.
 */
export function twoFactorPage(step?: SecondStep): string {
  const failed = step?.failed
    ? '<p class="bad" role="alert">The code was not accepted. Each code works once; wait for the next one.</p>'
    : ''
  const first =
    step === undefined
      ? `<label for="user">User name</label>
<input id="user" name="user" autocomplete="username" autocapitalize="none" spellcheck="false" required>
<label for="pass">Password</label>
<input id="pass" name="pass" type="password" autocomplete="current-password" required>`
      : `<input type="hidden" name="ticket" value="${escapeHtml(step.ticket)}">${goToField(step.goTo)}`
  return page(
    'Two-factor code',
    'narrow',
    `<h1>Two-factor code</h1>${failed}
<form id="tfa_login_form" method="post" action="/login/">
${first}
<label for="tfa_token">Code from your app, or a recovery code</label>
<input id="tfa_token" name="tfa_token" autocomplete="one-time-code" autocapitalize="none" spellcheck="false" required${step === undefined ? '' : ' autofocus'}>
<button>Sign in</button>
</form>`,
  )
}

/** A page that goes on by itself: as a redirect it would come from the other site still, and the new cookie would not be sent. */
export function goOnPage(path: string): string {
  const to = escapeHtml(path)
  return page(
    'Signed in',
    'narrow',
    `<h1>Signed in</h1><p>You are signed in. <a href="${to}">Go on</a></p>`,
    `<meta http-equiv="refresh" content="0; url=${to}">`,
  )
}

/** What a signed-in person sees: who they are, and how to make and use a token. `origin` is the server's own address. */
export function homePage(options: {
  readonly user: string
  readonly securityToken: string
  readonly origin: string
}): string {
  const user = escapeHtml(options.user)
  const origin = escapeHtml(options.origin)
  return page(
    'Home',
    '',
    `<h1>Signed in as ${user}</h1>
<p>This server answers WHM API 1. Programs call it with API tokens; each one gets its own, with only the privileges it needs.</p>
<h2>Make a token</h2>
<pre>curl -k -u ${user} '${origin}/json-api/api_token_create' \\
-d api.version=1 -d token_name=monitor \\
-d acl=list-accts -d acl-1=basic-whm-functions</pre>
<p class="dim">The secret is shown once, in that reply. <code>-k</code> accepts the self-signed certificate; leave it out once the server has its own.</p>
<h2>Use it</h2>
<pre>curl -k -H 'Authorization: whm ${user}:SECRET' \\
'${origin}/json-api/listaccts?api.version=1'</pre>
<form method="post" action="${escapeHtml(options.securityToken)}/logout"><button class="quiet">Sign out</button></form>`,
  )
}

/** A page for what happened, in one sentence; `home` is the path of the reader's first page. */
export function messagePage(title: string, sentence: string, home: string): string {
  return page(
    title,
    'narrow',
    `<h1>${escapeHtml(title)}</h1><p>${escapeHtml(sentence)}</p><p><a href="${escapeHtml(home)}">To the first page</a></p>`,
  )
}
