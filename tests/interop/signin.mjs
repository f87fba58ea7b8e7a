// An interactive client without a token, by the OAuth helpers of the official TypeScript SDKs; the browser with its
// signed-in person is played here. Reads one JSON document of what is given, writes one of what came of it.
import { readFileSync } from 'node:fs'
import { auth as authOfSdk } from '@modelcontextprotocol/sdk/client/auth.js'
import { Client as OfSdk } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as TransportOfSdk } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { auth, Client, StreamableHTTPClientTransport } from '@modelcontextprotocol/client'

const LIBRARIES = {
  sdk: [OfSdk, TransportOfSdk, authOfSdk],
  client: [Client, StreamableHTTPClientTransport, auth]
}

const { library, origin, cookie, accountId, scopes } = JSON.parse(readFileSync(0, 'utf8'))
const [AClient, ATransport, authorize] = LIBRARIES[library]
const url = new URL('/mcp', origin)
const kept = {}
let sentTo

const provider = {
  redirectUrl: 'http://localhost:6274/oauth/callback',
  clientMetadata: {
    client_name: 'Inspector',
    redirect_uris: ['http://localhost:6274/oauth/callback'],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: 'none'
  },
  state: () => 'estado',
  clientInformation: () => kept.client,
  saveClientInformation: (client) => { kept.client = client },
  tokens: () => kept.tokens,
  saveTokens: (tokens) => { kept.tokens = tokens },
  saveCodeVerifier: (verifier) => { kept.verifier = verifier },
  codeVerifier: () => kept.verifier,
  redirectToAuthorization: (address) => { sentTo = address }
}

async function tools() {
  const client = new AClient({ name: 'tests', version: '1.0.0' })
  await client.connect(new ATransport(url, { authProvider: provider }))
  const names = (await client.listTools()).tools.map((tool) => tool.name)
  await client.close()
  return names
}

// the person's browser: from the address it was sent to, over the page that asks, to where the client listens
async function consent() {
  const asking = new URL((await fetch(sentTo, { redirect: 'manual' })).headers.get('location'))
  const request = asking.searchParams.get('request')
  const answer = await fetch(new URL(`/api/oauth/requests/${request}/allow`, origin), {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', Cookie: cookie, Origin: origin },
    body: JSON.stringify({ accountIds: [accountId], scopes })
  })
  return new URL((await answer.json()).next)
}

const refused = await tools().then(() => '', (error) => error.constructor.name)
const challenge = sentTo.searchParams.get('code_challenge_method')
const back = await consent()
const transport = new ATransport(url, { authProvider: provider })
await transport.finishAuth(back.searchParams.get('code'))
const first = kept.tokens
const offered = await tools()
kept.tokens = { ...first, access_token: 'vkm_no_longer_good' }
await authorize(provider, { serverUrl: url })
const afterwards = await tools()
process.stdout.write(JSON.stringify({
  refused, challenge, state: back.searchParams.get('state'), registered: Boolean(kept.client.client_id),
  offered, afterwards, scope: first.scope, first: first.access_token, renewed: kept.tokens.access_token
}))
