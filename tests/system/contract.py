"""schema/openapi.yaml, and whether a call and its answer are as it says. conftest.py has every call of every test checked."""
import copy
import functools
import json
import pathlib
import re
import urllib.parse

import jsonschema
import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
METHODS = ("get", "put", "post", "patch", "delete")
LONG = 40  # of a longer list the ends are looked at


@functools.cache
def document():
    return yaml.safe_load((ROOT / "schema/openapi.yaml").read_text())


@functools.cache
def operations():
    """(method, path pattern) to the operation, whose parameters have those of the path too."""
    found = {}
    for path, item in document()["paths"].items():
        for method in METHODS:
            if method in item:
                operation = dict(item[method])
                operation["parameters"] = [resolve(p) for p in item.get("parameters", []) + item[method].get("parameters", [])]
                found[method.upper(), path] = operation
    return found


@functools.cache
def patterns():
    """Paths with what matches them; those without parameters first."""
    paths = sorted(document()["paths"], key=lambda p: (p.count("{"), p))
    return [(p, re.compile("^" + re.sub(r"\\{\w+\\}", "[^/]+", re.escape(p)) + "$")) for p in paths]


def resolve(value):
    while "$ref" in value:
        at = document()
        for word in value["$ref"].removeprefix("#/").split("/"):
            at = at[word]
        value = at
    return value


def find(method, path):
    """The operation of a call, or None."""
    path = path.split("?")[0]
    for pattern, match in patterns():
        if match.match(path):
            return operations().get(("GET" if method == "HEAD" else method, pattern))
    return None


def flat(schema):
    """The same without references and allOf, which take a validator most of its time; none of ours leads back to itself."""
    if isinstance(schema, list):
        return [flat(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    schema = {key: flat(value) for key, value in resolve(schema).items()}
    for part in schema.pop("allOf", []):
        schema["properties"] = {**part.get("properties", {}), **schema.get("properties", {})}
        schema["required"] = part.get("required", []) + schema.get("required", [])
        schema.setdefault("type", "object")
    if "unevaluatedProperties" in schema:
        schema["additionalProperties"] = schema.pop("unevaluatedProperties")
    return schema


@functools.cache
def validator(key):
    return jsonschema.Draft202012Validator(flat(json.loads(key)))


def mismatch(schema, value):
    """The first thing that does not fit, or None."""
    error = jsonschema.exceptions.best_match(validator(json.dumps(schema)).iter_errors(value))
    return f"{error.json_path}: {error.message[:2000]}" if error else None


def shortened(value):
    if isinstance(value, dict) and isinstance(value.get("items"), list) and len(value["items"]) > LONG:
        value = copy.copy(value)
        value["items"] = value["items"][:LONG // 2] + value["items"][-LONG // 2:]
    return value


def check_answer(method, path, operation, answer):
    response = operation["responses"].get(str(answer.status))
    if response is None:
        assert answer.status >= 400, f"{method} {path}: the contract has no answer {answer.status}"
        response = operation["responses"]["default"]
    content = resolve(response).get("content", {})
    if not content:
        assert not answer.body, f"{method} {path}: want no content with {answer.status}, got {answer.body[:200]}"
        return
    assert answer.type in content, f"{method} {path}: want {list(content)} with {answer.status}, got '{answer.type}'"
    if answer.json is not None and method != "HEAD":
        wrong = mismatch(content[answer.type]["schema"], shortened(answer.json))
        assert not wrong, f"{method} {path}: an answer {answer.status} that the contract does not allow: {wrong}"


def check_request(method, path, operation, body):
    """A body that was taken is one that the contract has."""
    wanted = operation.get("requestBody")
    if wanted is None:
        assert body in (None, {}, b"", b"{}"), f"{method} {path}: the contract has no body here"
    elif isinstance(body, dict):
        schema = resolve(wanted)["content"]["application/json"]["schema"]
        wrong = mismatch(schema, body)
        assert not wrong, f"{method} {path}: a body was taken that the contract does not allow: {wrong}"


def check_query(method, path, operation):
    known = {p["name"] for p in operation["parameters"] if p["in"] == "query"}
    asked = {name for name, _ in urllib.parse.parse_qsl(urllib.parse.urlsplit(path).query)}
    assert asked <= known, f"{method} {path}: parameters that the contract does not have were taken"


def check(method, path, body, answer):
    """One call of a test against the contract. Paths that it does not have are not API: they end in 404 or 405."""
    operation = find(method, path)
    if operation is None:
        known = not path.startswith("/api/") or answer.status in (401, 403, 404, 405, 413)
        assert known, f"{method} {path}: the contract has no such operation, and the answer is {answer}"
        return
    if answer.type == "text/html":  # libmicrohttpd refused it before anybody looked at it
        return
    check_answer(method, path, operation, answer)
    if 200 <= answer.status < 300:
        check_request(method, path, operation, body)
        check_query(method, path, operation)
