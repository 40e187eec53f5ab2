#!/usr/bin/env bash
# One Date for one "format: date" leaves a generated client as a day, as a moment, or as English words.
#
# Versions: orval 8.38.0 (`useDatesTransform`), @hey-api/openapi-ts 0.99.0 (`@hey-api/transformers`, `dates`),
#           typescript 5.9.3, esbuild 0.28.2, Node.js 20.
# Expected: OpenAPI tells `date` (2026-11-28) from `date-time`. A client that takes a Date where a day is due
#           writes the day, in the same way wherever the day stands, since its types accept it everywhere.
# Seen:     orval, one and the same Date: in a body the day; in the path the words of Date.toString(), with
#           the name of the time zone; in the query these words as well, but a moment if another parameter
#           of that endpoint is a `date-time`. hey-api writes a moment everywhere, also for a day that it
#           has read and sends back unchanged. Where a day is written, it is that of UTC: the midnight that
#           begins the day in Berlin is the day before, and a day that was read shows the 27th in New York.
# Why:      the code compiles with "strict", and in UTC a test of the body passes with orval. A strict server
#           answers 400 to the rest; a lenient one takes another day, depending on where its user sits. An
#           optional `date-time` that a service adds changes how the clients write another parameter.
#           Both options are off by default: leave days as texts.
# Source:   @orval/fetch, the function that builds the URL; hey-api/hey-api#3723 (open) for its query.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

npm install --silent --no-audit --no-fund --prefix . orval@8.38.0 @hey-api/openapi-ts@0.99.0 typescript@5.9.3 \
    esbuild@0.28.2 @types/node@20.19.0 >npm.log 2>&1

cat >openapi.yaml <<'YAML'
openapi: 3.0.3
info: {title: days, version: "1"}
servers: [{url: "http://127.0.0.1"}]
paths:
  /days:
    get:
      operationId: listDays
      parameters: [{name: since, in: query, schema: {type: string, format: date}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Day"}}}}
    post:
      operationId: addDay
      requestBody: {required: true, content: {application/json: {schema: {$ref: "#/components/schemas/Day"}}}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Day"}}}}
  /changes:
    get:
      operationId: listChanges
      parameters:
        - {name: since, in: query, schema: {type: string, format: date}}
        - {name: seen, in: query, schema: {type: string, format: date-time}}
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Day"}}}}
  /days/{day}:
    get:
      operationId: readDay
      parameters: [{name: day, in: path, required: true, schema: {type: string, format: date}}]
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Day"}}}}
components:
  schemas:
    Day: {type: object, required: [day], properties: {day: {type: string, format: date}}}
YAML
cat >orval.config.cjs <<'JS'
module.exports = {
  days: {
    input: "./openapi.yaml",
    output: { target: "./orval/index.ts", client: "fetch", override: { useDatesTransform: true } },
  },
};
JS
cat >hey-api.config.mjs <<'JS'
export default {
  input: "./openapi.yaml",
  output: "./hey-api",
  plugins: [
    "@hey-api/client-fetch",
    { name: "@hey-api/transformers", dates: true },
    { name: "@hey-api/sdk", transformer: true },
  ],
};
JS
node_modules/.bin/orval --config orval.config.cjs >orval.log 2>&1
node_modules/.bin/openapi-ts -f hey-api.config.mjs >hey-api.log 2>&1

cat >main.ts <<'TS'
import * as heyApi from "./hey-api";
import { client } from "./hey-api/client.gen";
import * as orval from "./orval";

const zone = process.env.TZ;

/** Instead of the network: prints what would be sent, and answers with a day. */
async function server(input: RequestInfo | URL, init?: RequestInit): Promise<Response> {
  const request = new Request(new URL(input instanceof Request ? input.url : input, "http://127.0.0.1"), {
    method: input instanceof Request ? input.method : init?.method,
    body: input instanceof Request ? (input.body && (await input.text())) : init?.body,
  });
  const url = new URL(request.url);
  const query = [...url.searchParams].map(([name, value]) => `?${name}=${value}`).join("");
  console.log(`${zone}, ${who}: ${decodeURIComponent(url.pathname)}${query} ${await request.text()}`.trimEnd());
  return Response.json({ day: "2026-11-28" });
}

globalThis.fetch = server;
client.setConfig({ fetch: server });
let who = "hey-api";
const day = new Date(2026, 10, 28);

const first = await heyApi.listDays({ query: { since: day } });
await heyApi.readDay({ path: { day } });
await heyApi.addDay({ body: { day } });
who = "hey-api, read and sent back";
await heyApi.addDay({ body: first.data! });
console.log(`${zone}, hey-api, read: getDate() ${first.data!.day.getDate()}`);

who = "orval";
const second = await orval.listDays({ since: day });
await orval.listChanges({ since: day });
await orval.readDay(day);
await orval.addDay({ day });
who = "orval, read and sent back";
await orval.addDay(second.data);
console.log(`${zone}, orval, read: getDate() ${second.data.day.getDate()}`);
TS
node_modules/.bin/tsc --noEmit --strict --skipLibCheck --target es2022 --module esnext --moduleResolution bundler \
    --lib es2022,dom,dom.iterable --types node main.ts
node_modules/.bin/esbuild --bundle --platform=node --format=esm --log-level=error --outfile=main.mjs main.ts
for zone in America/New_York Europe/Berlin; do LC_ALL=C TZ=$zone node main.mjs; done | tee seen

cat >expected <<'TEXT'
America/New_York, hey-api: /days?since=2026-11-28T05:00:00.000Z
America/New_York, hey-api: /days/2026-11-28T05:00:00.000Z
America/New_York, hey-api: /days {"day":"2026-11-28T05:00:00.000Z"}
America/New_York, hey-api, read and sent back: /days {"day":"2026-11-28T00:00:00.000Z"}
America/New_York, hey-api, read: getDate() 27
America/New_York, orval: /days?since=Sat Nov 28 2026 00:00:00 GMT-0500 (Eastern Standard Time)
America/New_York, orval: /changes?since=2026-11-28T05:00:00.000Z
America/New_York, orval: /days/Sat Nov 28 2026 00:00:00 GMT-0500 (Eastern Standard Time)
America/New_York, orval: /days {"day":"2026-11-28"}
America/New_York, orval, read and sent back: /days {"day":"2026-11-28"}
America/New_York, orval, read: getDate() 27
Europe/Berlin, hey-api: /days?since=2026-11-27T23:00:00.000Z
Europe/Berlin, hey-api: /days/2026-11-27T23:00:00.000Z
Europe/Berlin, hey-api: /days {"day":"2026-11-27T23:00:00.000Z"}
Europe/Berlin, hey-api, read and sent back: /days {"day":"2026-11-28T00:00:00.000Z"}
Europe/Berlin, hey-api, read: getDate() 28
Europe/Berlin, orval: /days?since=Sat Nov 28 2026 00:00:00 GMT+0100 (Central European Standard Time)
Europe/Berlin, orval: /changes?since=2026-11-27T23:00:00.000Z
Europe/Berlin, orval: /days/Sat Nov 28 2026 00:00:00 GMT+0100 (Central European Standard Time)
Europe/Berlin, orval: /days {"day":"2026-11-27"}
Europe/Berlin, orval, read and sent back: /days {"day":"2026-11-28"}
Europe/Berlin, orval, read: getDate() 28
TEXT
diff expected seen && echo "as described"
