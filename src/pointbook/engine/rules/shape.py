"""The shape of a document, checked by its JSON Schema, and each mistake told in plain words.

The schemas carry the words: `title` says what a value should be, `description` what a key is for,
and `x-mend` how to mend what the schema's own keyword cannot say. Nothing here raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, Literal

from pointbook.engine.rules.fields import FACT_FIELDS, LINE_FIELDS
from pointbook.engine.rules.problems import Path, Problem, choice, dotted, shown

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator, ValidationError

SchemaName = Literal["blueprint", "behaviour"]
TYPES = {
    "string": "text",
    "integer": "a whole number",
    "object": "a mapping of keys to values",
    "array": "a list",
    "boolean": "true or false",
}
FLAWS: Mapping[str, str] = {
    "minimum": "is too small.",
    "maximum": "is too large.",
    "minLength": "is empty.",
    "maxLength": "is too long.",
    "minItems": "has too few entries.",
    "maxItems": "has too many entries.",
    "minProperties": "has too few keys.",
    "maxProperties": "has too many keys.",
    "const": "is not known.",
    "enum": "is not known.",
    "anyOf": "is not known.",
    "oneOf": "is no condition.",
}
MENDS: Mapping[str, Callable[[Any], str]] = {
    "minimum": lambda limit: f"Write {limit} or more.",
    "maximum": lambda limit: f"Write {limit} or less.",
    "minLength": lambda _: "Write some text.",
    "maxLength": lambda limit: f"Write at most {limit} characters.",
    "const": lambda value: f"Write {value}.",
}


def schema(name: SchemaName) -> dict[str, Any]:
    """A published JSON Schema (draft 2020-12), as it stands in the file beside this module."""
    text = File(__file__).with_name(f"{name}.schema.json").read_text(encoding="utf-8")
    loaded: dict[str, Any] = json.loads(text)
    return loaded


def mistakes(document: object, *, name: SchemaName) -> dict[Path, Problem]:
    """Every breach of the schema, one for each place."""
    found: dict[Path, Problem] = {}
    errors = sorted(_validator(name).iter_errors(document), key=lambda e: e.validator == "oneOf")
    for error in errors:
        for path, value, message, mend in _told(error):
            if path not in found and not _explained(error):
                found[path] = Problem(dotted(path), value, message, mend)
    return found


@cache
def _validator(name: SchemaName) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # noqa: PLC0415 - heavy, and seldom needed

    return Draft202012Validator(schema(name))


def _explained(error: ValidationError) -> bool:
    """Whether a misspelt key says already why no form of a condition fits."""
    rules: Any = error.schema
    return error.validator == "oneOf" and not error.instance.keys() <= rules["properties"].keys()


def _told(error: ValidationError) -> Iterator[tuple[Path, object, str, str]]:
    """Path, value, message and mend of each mistake inside one error of the validator."""
    path: Path = tuple(error.absolute_path)
    value: Any = error.instance
    rules: Any = error.schema
    if error.validator == "required":
        for key in error.validator_value:
            if key not in value:
                purpose = rules["properties"][key]["description"]
                yield (*path, key), None, f"{key} is missing.", f"Add {key}: {purpose}."
    elif error.validator == "additionalProperties":
        for key in [key for key in value if key not in rules["properties"]]:
            mend = choice(key, rules["properties"])
            yield (*path, key), value[key], f"{key} is not a key here.", mend
    else:
        if "propertyNames" in error.absolute_schema_path:
            path = (*path, value)
        yield path, value, f"{shown(value)} {_flaw(error)}", _mend(error)


def _flaw(error: ValidationError) -> str:
    rules: Any = error.schema
    if error.validator == "pattern":
        return f"is not {rules['title']}."
    if error.validator == "type":
        kinds = error.validator_value
        names = [kinds] if isinstance(kinds, str) else kinds
        return f"is not {rules.get('title') or ' or '.join(TYPES[kind] for kind in names)}."
    return FLAWS[str(error.validator)]


def _mend(error: ValidationError) -> str:
    rules: Any = error.schema
    if error.validator == "anyOf" and error.instance in LINE_FIELDS:
        return f"It is a field of lines: write any_line: {{field: {error.instance}, ...}}."
    if error.validator == "enum" and error.absolute_path[-1] == "field":
        if error.instance in FACT_FIELDS:
            return f"It is a field of the fact: test {error.instance} under when, outside any_line."
    if error.validator == "enum":
        return choice(error.instance, error.validator_value)
    if error.validator == "anyOf":
        return choice(error.instance, [*error.validator_value[0]["enum"], "attributes.NAME"])
    if error.validator in MENDS:
        return MENDS[str(error.validator)](error.validator_value)
    if "x-mend" in rules:
        return str(rules["x-mend"])
    kinds = error.validator_value
    names = [kinds] if isinstance(kinds, str) else kinds
    return f"Write {' or '.join(TYPES[kind] for kind in names)}."
