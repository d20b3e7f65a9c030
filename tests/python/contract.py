"""Judges documents of the operator's program by the schemas that it prints.

Reads {"schemas": {KIND: SCHEMA}, "documents": [{"line", "kind", "document"}]}. Readers allow fields that a schema does
not name; here they are not allowed, because whoever adds a field also describes it. Each document is judged once more
with a field taken away and once with a field of another type, and has to be refused: a schema that allows anything
would judge nothing.
"""

import copy
import json
import sys

from jsonschema import Draft202012Validator


def closed(schema):
    """The same schema without fields that it does not name."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    strict = {name: closed(value) for name, value in schema.items()}
    if isinstance(strict.get("properties"), dict) and "additionalProperties" not in strict:
        strict["additionalProperties"] = False
    return strict


def spoiled(document):
    """The document, each time with one thing wrong."""
    for field in document:
        less = copy.deepcopy(document)
        del less[field]
        yield f"without {field}", less
    yield "with a kind that is none", {**document, "kind": "Nonsense"}
    yield "with a status that is no number", {**document, "exit_code": "0"}
    yield "with warnings that are none", {**document, "warnings": [{"code": 1}]}
    if isinstance(document["data"], dict) and document["data"]:
        more = copy.deepcopy(document)
        more["data"]["something-else"] = 1
        yield "with a field that nobody described", more


def main():
    given = json.load(sys.stdin)
    judges = {}
    for kind, schema in given["schemas"].items():
        Draft202012Validator.check_schema(schema)
        judges[kind] = Draft202012Validator(closed(schema))
    wrong = []
    for one in given["documents"]:
        judge, document = judges[one["kind"]], one["document"]
        for error in judge.iter_errors(document):
            wrong.append(f"{one['line']}: {error.json_path}: {error.message[:300]}")
        for how, bad in spoiled(document):
            if judge.is_valid(bad):
                wrong.append(f"{one['line']}: {how} it is accepted")
    print("\n".join(wrong[:60]))
    return 1 if wrong else 0


sys.exit(main())
