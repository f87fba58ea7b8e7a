// The official TypeScript clients at work: reads one JSON document of what to do, writes one of what came of it.
// sdk is the long-lived first generation, client the one that speaks the stateless protocol too.
import { readFileSync } from 'node:fs'
import { Client as OfSdk } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportOfSdk } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const LIBRARIES = { sdk: [OfSdk, TransportOfSdk], client: [Client, StreamableHTTPClientTransport] }

const { library, url, token, language, pages, calls } = JSON.parse(readFileSync(0, 'utf8'))
const [AClient, ATransport] = LIBRARIES[library]
const headers = { Authorization: `Bearer ${token}`, 'Accept-Language': language }
const client = new AClient({ name: 'tests', version: '1.0.0' })
await client.connect(new ATransport(new URL(url), { requestInit: { headers } }))

// every row of a list, page after page
async function everything({ tool, arguments: asked }) {
  const rows = []
  for (let cursor = {}; ; ) {
    const page = (await client.callTool({ name: tool, arguments: { ...asked, ...cursor } })).structuredContent
    rows.push(...page.items.map((row) => row.id))
    if (!page.hasMore) return rows
    cursor = { cursor: page.nextCursor }
  }
}

const tools = (await client.listTools()).tools.map((tool) => tool.name)
const rows = pages ? await everything(pages) : []
const answers = []
for (const call of calls) answers.push(await client.callTool({ name: call.tool, arguments: call.arguments }))
await client.close()
process.stdout.write(JSON.stringify({ tools, rows, answers }))
