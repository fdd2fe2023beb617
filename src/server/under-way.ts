/**
 * Which reply each connection of a listener waits for. Requests of one connection run one after the other (Node would begin them all
 * as they arrive), so that nothing runs behind a request whose reply ends the connection. It also tells a call at work from a silent
 * client, and lets the server end without losing a reply.
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { type Connection, connectionOf } from './connection.ts'

type Handler = (request: IncomingMessage, response: ServerResponse) => void

export class UnderWay {
  readonly #open = new Map<Socket, Connection>()
  #isEnding = false

  /** To be told of each connection that speaks HTTP, before its first request. */
  watch(socket: Socket): void {
    this.#open.set(socket, connectionOf(socket))
    socket.once('close', () => this.#open.delete(socket))
  }

  /** Runs it, now or behind the request before it; or never, when that one's reply was the last of the connection. */
  begin(request: IncomingMessage, response: ServerResponse, run: Handler): void {
    const connection = connectionOf(request.socket)
    const before = connection.latest
    connection.latest = response
    if (this.#isEnding) response.shouldKeepAlive = false
    if (before === undefined || before.writableFinished) runAfter(before, connection, request, response, run)
    else before.once('close', () => runAfter(before, connection, request, response, run))
  }

  /** The call has not answered yet, so the silence on its connection is not the client's. */
  isAtWork(socket: Socket): boolean {
    const response = connectionOf(socket).running
    return response !== undefined && !response.headersSent && !response.destroyed
  }

  /** What came behind the latest request cannot be read: its reply, if it is still owed, becomes the last of the connection. */
  endAfterReply(socket: Socket): boolean {
    const response = connectionOf(socket).latest
    if (response === undefined || !response.req.complete || response.writableFinished) return false
    if (!response.headersSent) response.shouldKeepAlive = false
    response.once('close', () => socket.destroySoon())
    return true
  }

  /**
   * To be called regularly: closes connections that asked nothing since their last reply for `times` calls. A timer for each
   * connection, as Node keeps them, is set anew with every reply, and costs more than all checks of a call together.
   */
  closeIdle(times: number): void {
    for (const [socket, connection] of this.#open) {
      const isIdle = connection.latest?.writableFinished === true && connection.latest === connection.seen
      connection.seen = connection.latest
      connection.idleTimes = isIdle ? connection.idleTimes + 1 : 0
      if (connection.idleTimes >= times) socket.destroySoon()
    }
  }

  /** From now on each reply is the last of its connection. */
  end(): void {
    this.#isEnding = true
    for (const { latest } of this.#open.values())
      if (latest !== undefined && !latest.headersSent) latest.shouldKeepAlive = false
  }

  /** True while a reply is owed or on its way. */
  isBusy(): boolean {
    for (const { latest } of this.#open.values())
      if (latest !== undefined && !latest.writableFinished && !latest.destroyed) return true
    return false
  }
}

/** Whoever ends a connection says so by `shouldKeepAlive`. */
function runAfter(
  before: ServerResponse | undefined,
  connection: Connection,
  request: IncomingMessage,
  response: ServerResponse,
  run: Handler,
): void {
  if (before !== undefined && !(before.writableFinished && before.shouldKeepAlive)) return
  connection.running = response
  run(request, response)
}
