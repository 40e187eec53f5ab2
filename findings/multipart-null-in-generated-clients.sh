#!/usr/bin/env bash
# A null in a form field: two client generators leave the field out, two send the words "null" and "None".
#
# Versions: swagger-typescript-api 13.13.0, orval 8.38.0, @hey-api/openapi-ts 0.99.0 (npm),
#           openapi-python-client 0.29.1 (PyPI).
# Expected: OpenAPI 3.1 describes a multipart form with `"phone": {"type": ["string", "null"]}`. A form
#           has no null, so a generated client leaves the field out, or refuses to send it.
# Seen:     orval and hey-api leave it out. swagger-typescript-api sends the text "null", and for a
#           property set to undefined, as TypeScript's optional properties often are, "undefined".
#           openapi-python-client sends "None". All four accept the value by their types.
# Why:      the server stores a person whose phone is the word "null", and no type check, linter or test
#           with all fields filled shows it. A server that takes forms should not describe null in them,
#           and may reject these three words where they cannot be meant.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

python3 -m venv venv
venv/bin/pip install --quiet openapi-python-client==0.29.1 httpx
npm init --yes >npm.log
npm install --no-audit --no-fund --silent esbuild@0.28.2 typescript@5.9.3 \
    swagger-typescript-api@13.13.0 orval@8.38.0 @hey-api/openapi-ts@0.99.0 >>npm.log

cat >api.json <<'JSON'
{
  "openapi": "3.1.0",
  "info": {"title": "People", "version": "1"},
  "servers": [{"url": "http://127.0.0.1"}],
  "paths": {"/people": {"post": {
    "operationId": "createPerson",
    "requestBody": {"required": true, "content": {"multipart/form-data": {"schema": {"$ref": "#/components/schemas/Person"}}}},
    "responses": {"204": {"description": "Stored"}}
  }}},
  "components": {"schemas": {"Person": {
    "type": "object",
    "required": ["name"],
    "properties": {
      "name": {"type": "string"},
      "phone": {"type": ["string", "null"]},
      "note": {"type": "string"}
    }
  }}}
}
JSON

npx swagger-typescript-api generate --path api.json --output swagger --name api.ts >generate.log
npx openapi-ts --input api.json --output hey --client @hey-api/client-fetch >>generate.log
cat >orval.config.mjs <<'JS'
export default {people: {input: './api.json', output: {target: './orval/api.ts', client: 'fetch', baseUrl: 'http://127.0.0.1'}}}
JS
npx orval --config orval.config.mjs >>generate.log 2>&1
venv/bin/openapi-python-client generate --path api.json --output-path python --meta none >>generate.log 2>&1

# Whatever fetch is asked to send is printed instead.
cat >send.mts <<'TS'
import { Api } from './swagger/api.ts'
import { createPerson as byOrval } from './orval/api.ts'
import { createPerson as byHey } from './hey/sdk.gen.ts'

const person = { name: 'Ann', phone: null, note: undefined }

function listening(label: string) {
  globalThis.fetch = async (input: any, options: any) => {
    const form = input instanceof Request ? await input.formData() : options.body
    console.log(`${label}:`, JSON.stringify(Object.fromEntries(form)))
    return new Response(null, { status: 204 })
  }
}

listening('swagger-typescript-api')
await new Api({ baseUrl: 'http://127.0.0.1' }).people.createPerson(person)
listening('orval')
await byOrval(person)
listening('@hey-api/openapi-ts')
await byHey({ body: person, baseUrl: 'http://127.0.0.1', fetch: (...all: [any, any]) => globalThis.fetch(...all) })
TS
echo '{"type": "module"}' >package.json
npx esbuild send.mts --bundle --platform=node --format=esm --outfile=send.mjs --log-level=error

cat >send.py <<'PYTHON'
import json
from python.models import Person

fields = Person(name="Ann", phone=None).to_multipart()
print("openapi-python-client:", json.dumps({name: value[1].decode() for name, value in fields}, separators=(",", ":")))
PYTHON
{
    node send.mjs
    venv/bin/python send.py
} | tee seen

cat >expected <<'TEXT'
swagger-typescript-api: {"name":"Ann","phone":"null","note":"undefined"}
orval: {"name":"Ann"}
@hey-api/openapi-ts: {"name":"Ann"}
openapi-python-client: {"name":"Ann","phone":"None"}
TEXT
diff expected seen && echo "as described"
