/** What `cpanel-lib` 0.0.5, which has no types, offers and `published-clients.test.ts` uses. */
declare module 'cpanel-lib' {
  type Callback = (error: unknown, reply: unknown) => void
  export type Client = {
    call(action: string, query: Readonly<Record<string, unknown>>, callback: Callback): void
    callApi2(
      module: string,
      func: string,
      query: Readonly<Record<string, unknown>>,
      user: string,
      callback: Callback,
    ): void
    callUapi(module: string, func: string, query: Readonly<Record<string, unknown>>, callback: Callback): void
  }
  export function createClient(options: {
    readonly host: string
    readonly port: number
    readonly username: string
    readonly accessKey: string
    readonly ignoreCertError: boolean
  }): Client
}
