"""A Postman collection (v2.1) made from the API's description."""

import json
from typing import Any

SCHEMA = "https://schema.getpostman.com/json/collection/v2.1.0/collection.json"


def collection_of(openapi: dict[str, Any]) -> dict[str, Any]:
    """One folder a domain, one request a call. Variables: `baseUrl`, `token` (what a log-in or a
    sign-up answers is stored there by itself), `apiToken`."""
    folders: dict[str, list[dict[str, Any]]] = {tag["name"]: [] for tag in openapi["tags"]}
    for path, operations in openapi["paths"].items():
        for method, operation in operations.items():
            item = _item(openapi, path, method, operation)
            folders[operation["tags"][0]].append(item)
    return {
        "info": {
            "name": openapi["info"]["title"],
            "description": openapi["info"]["description"],
            "schema": SCHEMA,
        },
        "auth": {"type": "bearer", "bearer": [{"key": "token", "value": "{{token}}"}]},
        "variable": [
            {"key": "baseUrl", "value": "http://127.0.0.1:8000"},
            {"key": "token", "value": ""},
            {"key": "apiToken", "value": ""},
        ],
        "item": [{"name": name, "item": items} for name, items in folders.items() if items],
    }


def _item(
    openapi: dict[str, Any], path: str, method: str, operation: dict[str, Any]
) -> dict[str, Any]:
    request: dict[str, Any] = {
        "method": method.upper(),
        "header": [{"key": "Accept", "value": "application/json; version=1"}],
        "url": _url(path, operation),
        "description": operation.get("description", ""),
    }
    schemes = {name for choice in operation.get("security", []) for name in choice}
    if not schemes:
        request["auth"] = {"type": "noauth"}
    elif "ApiToken" in schemes:
        request["auth"] = {
            "type": "apikey",
            "apikey": [
                {"key": "key", "value": "X-API-Token"},
                {"key": "value", "value": "{{apiToken}}"},
                {"key": "in", "value": "header"},
            ],
        }
    if "requestBody" in operation:
        request["body"] = _body(openapi, operation["requestBody"]["content"])
    item: dict[str, Any] = {"name": operation["summary"], "request": request, "response": []}
    if event := _KEEPS_TOKEN.get(operation["operationId"]):
        item["event"] = [{"listen": "test", "script": {"type": "text/javascript", "exec": [event]}}]
    return item


def _keep(variable: str, member: str) -> str:
    return (
        f"if (pm.response.code < 300)"
        f' pm.collectionVariables.set("{variable}", pm.response.json().{member});'
    )


_KEEPS_TOKEN = {
    "auth_create": _keep("token", "token"),
    "auth_token_create": _keep("token", "access"),
    "auth_token_refresh_create": _keep("token", "access"),
    "users_create": _keep("token", "access"),
    "email_sign_up": _keep("token", "access"),
    "api_users_create": _keep("apiToken", "token"),
    "api_users_token": _keep("apiToken", "token"),
}


def _url(path: str, operation: dict[str, Any]) -> dict[str, Any]:
    parameters = operation.get("parameters", [])
    named = path.replace("{", ":").replace("}", "")
    return {
        "raw": "{{baseUrl}}" + named,
        "host": ["{{baseUrl}}"],
        "path": [part for part in named.split("/") if part],
        "query": [
            {
                "key": one["name"],
                "value": "",
                "description": one.get("description", ""),
                "disabled": True,
            }
            for one in parameters
            if one["in"] == "query"
        ],
        "variable": [
            {"key": one["name"], "value": "1", "description": one.get("description", "")}
            for one in parameters
            if one["in"] == "path"
        ],
    }


def _body(openapi: dict[str, Any], content: dict[str, Any]) -> dict[str, Any]:
    if "application/json" in content:
        return {
            "mode": "raw",
            "raw": json_text(example_of(openapi, content["application/json"])),
            "options": {"raw": {"language": "json"}},
        }
    media = content.get("multipart/form-data")
    if media is None:
        return {"mode": "raw", "raw": ""}
    return {
        "mode": "formdata",
        "formdata": [
            {"key": name, "type": "file" if described.get("format") == "binary" else "text"}
            for name, described in resolved(openapi, media["schema"]).get("properties", {}).items()
        ],
    }


def example_of(openapi: dict[str, Any], media: dict[str, Any]) -> Any:
    """The first example that the description gives, or one made of the required members."""
    for example in media.get("examples", {}).values():
        return example["value"]
    schema = resolved(openapi, media.get("schema", {}))
    if "example" in schema:
        return schema["example"]
    required = schema.get("required", [])
    return {
        name: described.get("example", "")
        for name, described in schema.get("properties", {}).items()
        if name in required
    }


def resolved(openapi: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    """The component that a reference names."""
    reference: str | None = schema.get("$ref")
    if reference is None:
        return schema
    found: dict[str, Any] = openapi["components"]["schemas"][reference.rsplit("/", 1)[1]]
    return found


def json_text(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)
