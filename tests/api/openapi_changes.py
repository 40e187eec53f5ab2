"""What in a newer description of the API would break a client made for an older one."""

from collections.abc import Iterator
from typing import Any

Schema = dict[str, Any]


def breaking_changes(released: Schema, present: Schema) -> list[str]:
    return list(_Comparison(released, present).changes())


class _Comparison:
    def __init__(self, released: Schema, present: Schema) -> None:
        self.released = released
        self.present = present

    def changes(self) -> Iterator[str]:
        for path, operations in self.released["paths"].items():
            for method, old in operations.items():
                call = f"{method.upper()} {path}"
                new = self.present["paths"].get(path, {}).get(method)
                if new is None:
                    yield f"{call} is gone"
                else:
                    yield from self._operation(call, old, new)

    def _operation(self, call: str, old: Schema, new: Schema) -> Iterator[str]:
        if new.get("security") and not old.get("security"):
            yield f"{call} wants authentication"
        yield from self._parameters(call, old, new)
        new_body = new.get("requestBody", {})
        if new_body.get("required") and "requestBody" not in old:
            yield f"{call} wants a body"
        for kind, media in old.get("requestBody", {}).get("content", {}).items():
            if kind not in new_body.get("content", {}):
                yield f"{call} reads no {kind}"
                continue
            asked = new_body["content"][kind].get("schema", {})
            yield from self._sent(f"{call} body", media.get("schema", {}), asked)
        for code, response in old["responses"].items():
            if code >= "300":
                continue
            if code not in new["responses"]:
                yield f"{call} answers no {code}"
                continue
            for kind, media in response.get("content", {}).items():
                answered = new["responses"][code].get("content", {}).get(kind)
                if answered is None:
                    yield f"{call} answers no {kind}"
                else:
                    yield from self._read_body(
                        f"{call} {code}", media.get("schema", {}), answered.get("schema", {}), ()
                    )

    def _parameters(self, call: str, old: Schema, new: Schema) -> Iterator[str]:
        before = {(one["in"], one["name"]): one for one in old.get("parameters", [])}
        now = {(one["in"], one["name"]): one for one in new.get("parameters", [])}
        for key, parameter in before.items():
            if key not in now:
                yield f"{call} takes no {key[1]}"
            else:
                yield from self._sent(
                    f"{call} {key[1]}", parameter.get("schema", {}), now[key].get("schema", {})
                )
        for key, parameter in now.items():
            if parameter.get("required") and not before.get(key, {}).get("required"):
                yield f"{call} wants {key[1]}"

    def _sent(self, where: str, old: Schema, new: Schema) -> Iterator[str]:
        """What a client may send must stay enough and acceptable."""
        old, new = self._resolved(self.released, old), self._resolved(self.present, new)
        if missing := _types(old) - _types(new):
            yield f"{where} may not be {', '.join(sorted(missing))}"
        if "enum" in new and (gone := {*map(str, old.get("enum", []))} - {*map(str, new["enum"])}):
            yield f"{where} may not be {', '.join(sorted(gone))}"
        for name in set(new.get("required", [])) - set(old.get("required", [])):
            yield f"{where} wants {name}"
        for name, described in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where} takes no {name}"
            else:
                yield from self._sent(f"{where}.{name}", described, new["properties"][name])

    def _read_body(
        self, where: str, old: Schema, new: Schema, seen: tuple[str, ...]
    ) -> Iterator[str]:
        """What a client may read must stay there and of its type."""
        if (reference := old.get("$ref", "")) in seen:
            return
        seen = (*seen, reference) if reference else seen
        old, new = self._resolved(self.released, old), self._resolved(self.present, new)
        if added := _types(new) - _types(old):
            yield f"{where} may be {', '.join(sorted(added))}"
        for name, described in old.get("properties", {}).items():
            if name not in new.get("properties", {}):
                yield f"{where} has no {name}"
                continue
            if name in old.get("required", []) and name not in new.get("required", []):
                yield f"{where} may lack {name}"
            yield from self._read_body(f"{where}.{name}", described, new["properties"][name], seen)
        if "items" in old:
            yield from self._read_body(f"{where}[]", old["items"], new.get("items", {}), seen)

    def _resolved(self, document: Schema, schema: Schema) -> Schema:
        """References and compositions as one plain schema."""
        if "$ref" in schema:
            name = schema["$ref"].rsplit("/", 1)[1]
            return self._resolved(document, document["components"]["schemas"][name])
        for keyword in ("allOf", "oneOf", "anyOf"):
            if keyword in schema:
                parts = [self._resolved(document, part) for part in schema[keyword]]
                return _joined([schema, *parts])
        return schema


def _joined(parts: list[Schema]) -> Schema:
    joined: Schema = {"properties": {}, "required": []}
    types: set[str] = set()
    for part in parts:
        types |= _types(part)
        joined["properties"] |= part.get("properties", {})
        joined["required"] = [*joined["required"], *part.get("required", [])]
        if "items" in part:
            joined["items"] = part["items"]
    return joined | ({"type": sorted(types)} if types else {})


def _types(schema: Schema) -> set[str]:
    declared = schema.get("type", [])
    return {declared} if isinstance(declared, str) else set(declared)
