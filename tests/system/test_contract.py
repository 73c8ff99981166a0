"""The contract itself: whole, the same as the table of routes, served, and reached by the command line."""
import json
import re

import pytest
import yaml

import contract
from api import ROOT, Daemon

# What programs ask for and no person types.
FOR_PROGRAMS = {("GET", "/healthz"), ("GET", "/metrics"), ("GET", "/api/v1/openapi.yaml")}


def routes():
    text = (ROOT / "src/gatewrightd/manager/api/routes.def").read_text()
    return {(m, p): permission for m, p, permission in re.findall(r'^ROUTE\("(\w+)", "([^"]+)", \w+, (\w+), \w+\)', text, re.M)}


def test_the_same_operations_as_the_table_of_routes():
    assert set(routes()) == set(contract.operations()), "routes.def and schema/openapi.yaml differ"


def test_the_same_permissions():
    said = {key: operation["x-permission"] for key, operation in contract.operations().items()}
    assert said == routes()


def test_every_operation_is_reached_by_the_command_line():
    verbs = (ROOT / "src/cli/verbs.c").read_text()
    reached = {tuple(call.split(" ")) for call in re.findall(r"(?:GET|POST|PUT|PATCH|DELETE) /[\w/{}.-]+", verbs)}
    assert reached <= set(contract.operations()), "verbs.c names calls that there are not"
    assert set(contract.operations()) - FOR_PROGRAMS <= reached, "no verb of src/cli/verbs.c leads there"


def walk(value, where=""):
    yield where, value
    if isinstance(value, dict):
        for key, below in value.items():
            yield from walk(below, f"{where}/{key}")
    elif isinstance(value, list):
        for i, below in enumerate(value):
            yield from walk(below, f"{where}/{i}")


def test_it_is_whole():
    document = contract.document()
    assert document["openapi"].startswith("3.1.")
    ids = [o["operationId"] for o in contract.operations().values()]
    assert len(ids) == len(set(ids))
    used = set()
    for where, value in walk(document):
        if isinstance(value, dict) and isinstance(value.get("$ref"), str):
            contract.resolve(value)
            used.add(value["$ref"])
        if isinstance(value, dict) and "$ref" in value:
            assert len(value) == 1, f"{where}: nothing stands beside a reference"
    for kind in ("parameters", "requestBodies", "responses", "schemas", "headers"):
        for name in document["components"][kind]:
            assert f"#/components/{kind}/{name}" in used, f"{kind}/{name}: nobody uses it"


@pytest.mark.parametrize("method,path", list(contract.operations()))
def test_an_operation(method, path):
    operation = contract.operations()[method, path]
    assert operation["summary"].endswith((".", "?")) and "default" in operation["responses"]
    declared = {p["name"] for p in operation["parameters"] if p["in"] == "path"}
    assert declared == set(re.findall(r"\{(\w+)\}", path))
    for status, response in operation["responses"].items():
        for content in contract.resolve(response).get("content", {}).values():
            contract.validator(json.dumps(content["schema"])).check_schema(content["schema"])
    if method != "GET" and operation["x-permission"] != "SELF" and "requestBody" in operation:
        assert "application/json" in contract.resolve(operation["requestBody"])["content"]


def test_open_objects_are_closed_where_they_are_used():
    """An object that others extend has no answer of its own: what an answer may not have must not slip through."""
    answers = json.dumps(contract.document()["paths"])
    for name, schema in contract.document()["components"]["schemas"].items():
        is_object = "properties" in schema
        closed = schema.get("additionalProperties") is False or schema.get("unevaluatedProperties") is False
        if is_object and not closed:
            direct = re.findall(r'"schema": \{"\$ref": "#/components/schemas/' + name + '"', answers)
            assert not direct, f"{name}: open, and an answer"


def test_it_is_served(build):
    with Daemon(build) as d:
        answer = d.api.get("openapi.yaml")
        assert answer.status == 200 and answer.type == "application/yaml"
        assert answer.body == (ROOT / "schema/openapi.yaml").read_bytes()
        assert yaml.safe_load(answer.body)["info"]["title"] == "Gatewright"


@pytest.mark.parametrize("change,refused", [
    (lambda o: o, False), (lambda o: {**o, "more": 1}, True), (lambda o: {k: v for k, v in o.items() if k != "status"}, True),
    (lambda o: {**o, "status": "good"}, True), (lambda o: {**o, "processes": {**o["processes"], "web": "up"}}, True),
])
def test_the_check_refuses(change, refused):
    health = {"status": "ok", "version": "1", "processes": {"manager": "up", "keys": "up"}, "console": {"state": "off", "error": None}}
    schema = contract.operations()["GET", "/api/v1/health"]["responses"]["200"]["content"]["application/json"]["schema"]
    assert bool(contract.mismatch(schema, change(health))) == refused
