// Each generated client signs up, uploads a picture, imports a CSV, reads a null and logs out.
// Prints one JSON object a client: what each step gave.
import createClient from 'openapi-fetch'
import { Api } from './swagger/api'
import { client as heyClient } from './hey/client.gen'
import * as hey from './hey/sdk.gen'
import * as orval from './orval/api'
import type { paths } from './openapi-typescript/api'

declare const process: { argv: string[] }
const baseUrl = process.argv[2]!
const REPOSITORY = 'https://github.com/octocat/hello-world'
const CSV = 'date,views,unique_visitors,clones,unique_cloners,complete\r\n2026-03-01,120,34,12,9,true\r\n'
const PIXEL = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=='

const picture = new File([Uint8Array.from(atob(PIXEL), c => c.charCodeAt(0))], 'pixel.png', { type: 'image/png' })
const file = new File([CSV], 'traffic.csv', { type: 'text/csv' })
const account = (username: string) => ({
  username, email: `${username}@example.org`, password: 'ten green bottles', birthdate: '1990-05-17',
})
const form = (body: object = {}) => {
  const data = new FormData()
  for (const [name, value] of Object.entries(body)) data.append(name, value)
  return data
}

async function report(client: string, steps: () => Promise<object>) {
  console.log(JSON.stringify({ client, ...(await steps()) }))
}

await report('openapi-fetch', async () => {
  const api = createClient<paths>({ baseUrl })
  const person = await api.POST('/users', { body: account('by-openapi-fetch') })
  api.use({
    onRequest({ request }) {
      request.headers.set('Authorization', `Bearer ${person.data!.access}`)
    },
  })
  // A file is a `string` in its types, and only `bodySerializer` makes a form.
  const avatar = await api.PUT('/users/me/avatar', {
    body: { avatar: picture as unknown as string }, bodySerializer: form,
  })
  const repository = await api.POST('/api/repos/create', { body: { url: REPOSITORY } })
  const imported = await api.POST('/api/repos/{repository_id}/import', {
    params: { path: { repository_id: repository.data!.id } },
    body: { file: file as unknown as string }, bodySerializer: form,
  })
  const me = await api.GET('/users/me')
  const out = await api.DELETE('/auth')
  const after = await api.GET('/users/me')
  return {
    signUp: person.response.status, avatar: avatar.response.status, days: imported.data?.days,
    phone: me.data?.phone, logOut: out.response.status, after: after.response.status,
  }
})

await report('hey-api', async () => {
  heyClient.setConfig({ baseUrl })
  const person = await hey.usersCreate({ body: account('by-hey-api') })
  // It asks for each scheme of an endpoint and sends all that it is given.
  heyClient.setConfig({ auth: scheme => (scheme.scheme === 'bearer' ? person.data!.access : undefined) })
  const avatar = await hey.avatarUpload({ body: { avatar: picture } })
  const repository = await hey.repositoriesCreate({ body: { url: REPOSITORY } })
  const imported = await hey.repositoriesImport({ path: { repository_id: repository.data!.id }, body: { file } })
  const me = await hey.usersMeRetrieve()
  const out = await hey.sessionsDeleteCurrent()
  const after = await hey.usersMeRetrieve()
  return {
    signUp: person.response?.status, avatar: avatar.response?.status, days: imported.data?.days,
    phone: me.data?.phone, logOut: out.response?.status, after: after.response?.status,
  }
})

await report('orval', async () => {
  const person = await orval.usersCreate(account('by-orval'))
  if (person.status !== 201) throw new Error(JSON.stringify(person.data))
  const options = { headers: { Authorization: `Bearer ${person.data.access}` } }
  const avatar = await orval.avatarUpload({ avatar: picture }, options)
  const repository = await orval.repositoriesCreate({ url: REPOSITORY }, options)
  if (repository.status !== 200) throw new Error(JSON.stringify(repository.data))
  const imported = await orval.repositoriesImport(repository.data.id, { file }, undefined, options)
  const me = await orval.usersMeRetrieve(options)
  const out = await orval.sessionsDeleteCurrent(options)
  const after = await orval.usersMeRetrieve(options)
  return {
    signUp: person.status, avatar: avatar.status, days: imported.status === 200 ? imported.data.days : null,
    phone: me.status === 200 ? me.data.phone : 'unread', logOut: out.status, after: after.status,
  }
})

await report('swagger-typescript-api', async () => {
  let token = ''
  const api = new Api({
    baseUrl, securityWorker: () => (token ? { headers: { Authorization: `Bearer ${token}` } } : {}),
  })
  const person = await api.users.usersCreate(account('by-swagger-typescript-api'))
  token = person.data.access
  const avatar = await api.users.avatarUpload({ avatar: picture })
  const repository = await api.api.repositoriesCreate({ url: REPOSITORY })
  const imported = await api.api.repositoriesImport(repository.data.id, { file })
  const me = await api.users.usersMeRetrieve()
  const out = await api.auth.sessionsDeleteCurrent()
  // It throws what is not 2xx.
  const after = await api.users.usersMeRetrieve().catch(response => response)
  return {
    signUp: person.status, avatar: avatar.status, days: imported.data.days,
    phone: me.data.phone, logOut: out.status, after: after.status,
  }
})
