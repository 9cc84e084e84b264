#!/usr/bin/env python3
"""Takes the facts that tests need out of the clouds' published descriptions: names, types, limits and
statuses, without their prose. `extract.py FOLDER` writes the files beside it from a folder with the
descriptions that `SOURCES` names; `extract.py --check FOLDER` only says whether they are current."""

import json
import pathlib
import re
import sys

HERE = pathlib.Path(__file__).parent
SOURCES = {
    "hetzner.json": ("hetzner-mk-trim.json", "MaximilianKoestler/hcloud-openapi (MIT), 2026-02"),
    "digitalocean.json": ("do-trim.json", "digitalocean/openapi (Apache-2.0), 2026-08"),
    "telegram.json": ("telegram-trim.json", "PaulSonOfLars/telegram-bot-api-spec (MIT), 2026-06"),
}
RECORDED = "answers of the live clouds, numbers and names replaced: OpenRouterTeam/spawn (Apache-2.0), 2026-02-11"
# Of a schema, what limits a value.
FACTS = """$ref allOf anyOf oneOf not type format enum const nullable readOnly properties required items
additionalProperties minimum maximum exclusiveMinimum exclusiveMaximum multipleOf minLength maxLength pattern
minItems maxItems uniqueItems minProperties maxProperties discriminator""".split()
MOST_WORDS = 12


def schema(of):
    if isinstance(of, list):
        return [schema(one) for one in of]
    if not isinstance(of, dict):
        return of
    facts = {key: value for key, value in of.items() if key in FACTS}
    for key in ("allOf", "anyOf", "oneOf", "not", "items", "additionalProperties"):
        if key in facts:
            facts[key] = schema(facts[key])
    if "properties" in facts:
        facts["properties"] = {name: schema(value) for name, value in facts["properties"].items()}
    return facts


def content(of):
    """A request's body or an answer: its JSON."""
    if "$ref" in of:
        return {"$ref": of["$ref"]}
    json_of = of.get("content", {}).get("application/json")
    if not json_of:
        return {}
    return {"content": {"application/json": {"schema": schema(json_of.get("schema", {}))}}}


def parameter(of):
    if "$ref" in of:
        return {"$ref": of["$ref"]}
    return {key: schema(of[key]) if key == "schema" else of[key] for key in ("name", "in", "required", "schema") if key in of}


def operation(of):
    kept = {"responses": {status: content(answer) for status, answer in of["responses"].items()}}
    if "parameters" in of:
        kept["parameters"] = [parameter(one) for one in of["parameters"]]
    if "requestBody" in of:
        kept["requestBody"] = content(of["requestBody"]) | {"required": of["requestBody"].get("required", False)}
    return kept


def references(of, found):
    if isinstance(of, dict):
        if isinstance(of.get("$ref"), str):
            found.add(of["$ref"])
        for value in of.values():
            references(value, found)
    elif isinstance(of, list):
        for value in of:
            references(value, found)
    return found


def openapi(document, used):
    paths = {}
    for line in used:
        method, path = line.split()
        whole = document["paths"][path]
        kept = paths.setdefault(path, {})
        kept[method.lower()] = operation(whole[method.lower()])
        if "parameters" in whole:
            kept["parameters"] = [parameter(one) for one in whole["parameters"]]
    components, left, done = {}, references(paths, set()), set()
    if "create_server_request" in document["components"]["schemas"]:
        names = ("create_server_request", "replace_primary_ip_request", "create_firewall_request")
        left |= {f"#/components/schemas/{name}" for name in names}
    while left - done:
        reference = sorted(left - done)[0]
        done.add(reference)
        _, _, kind, name = reference.split("/")
        shape = {"schemas": schema, "parameters": parameter}.get(kind, content)
        components.setdefault(kind, {})[name] = shape(document["components"][kind][name])
        references(components[kind][name], left)
    return {"paths": paths, "components": components}


def bot_api(document):
    def field(of):
        return {"name": of["name"], "types": of["types"], "required": of["required"]}

    types = {name: {"fields": [field(f) for f in of["fields"]]} for name, of in document["types"].items() if "fields" in of}
    return {"methods": {name: {"returns": of["returns"]} for name, of in document["methods"].items()}, "types": types}


def shortened(of):
    """Of long lists of words the first few: they tell as much."""
    if isinstance(of, dict):
        return {key: shortened(value) for key, value in of.items()}
    if isinstance(of, list):
        if len(of) > MOST_WORDS and all(isinstance(one, str) for one in of):
            return of[:MOST_WORDS]
        return [shortened(one) for one in of]
    return of


def files(folder):
    for name, (source, told) in SOURCES.items():
        document = json.loads((folder / source).read_text())
        if name == "telegram.json":
            facts = bot_api(document)
        else:
            used = [line for line in (HERE / "used" / f"{name[:-5]}.txt").read_text().splitlines() if line]
            facts = openapi(document, used)
        yield HERE / name, {"source": told, **facts}
    for path in sorted((folder / "recorded").glob("*.json")):
        yield HERE / "recorded" / path.name, {"source": RECORDED, "answer": shortened(json.loads(path.read_text()))}


def main():
    check = sys.argv[1:2] == ["--check"]
    stale = []
    for path, facts in files(pathlib.Path(sys.argv[-1])):
        # Objects of one or two short members on a line of their own keep the files short.
        text = json.dumps(facts, indent=1, ensure_ascii=False)
        text = re.sub(r"([{\[])\n\s+([^{}\[\]\n]{0,80})\n\s+([}\]])", r"\1\2\3", text) + "\n"
        if check:
            if not path.exists() or path.read_text() != text:
                stale.append(path.name)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(text)
    if stale:
        sys.exit("stale, run tests/specs/extract.py FOLDER: " + " ".join(stale))


main()
