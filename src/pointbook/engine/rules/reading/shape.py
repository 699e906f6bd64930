"""The shape of a document, checked by its JSON Schema, and each mistake told in plain words.

The schemas carry the words: `title` says what a value should be, `description` what a key is for,
and `x-mend` how to mend what the schema's own keyword cannot say. Nothing here raises.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from pathlib import Path as File
from typing import TYPE_CHECKING, Any, Literal

from pointbook.engine.rules.fields import FACT_FIELDS, LINE_FIELDS, MEMBER_FIELDS
from pointbook.engine.rules.reading.problems import Path, Problem, choice, mistake, shown

if TYPE_CHECKING:
    from jsonschema import Draft202012Validator

SchemaName = Literal["blueprint", "behaviour", "story"]
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
    "uniqueItems": "names something twice.",
}
MENDS: Mapping[str, Callable[[Any], str]] = {
    "minimum": lambda error: f"Write {error.validator_value} or more.",
    "maximum": lambda error: f"Write {error.validator_value} or less.",
    "minLength": lambda _: "Write some text.",
    "maxLength": lambda error: f"Write at most {error.validator_value} characters.",
    "const": lambda error: f"Write {_word(error.validator_value)}.",
    "enum": lambda error: _named(error.instance, error.validator_value),
    "anyOf": lambda error: _named(error.instance, _fields(error.validator_value)),
    "uniqueItems": lambda _: "Keep each of them once.",
    "type": lambda error: error.schema.get("x-mend") or f"Write {_kinds(error)}.",
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
        if _explained(error):
            continue
        for path, value, message, mend in _told(error):
            if path not in found:
                found[path] = mistake(path, value, message, mend=mend)
    return found


@cache
def _validator(name: SchemaName) -> Draft202012Validator:
    from jsonschema import Draft202012Validator  # heavy, and seldom needed

    return Draft202012Validator(schema(name))


def _explained(error: Any) -> bool:
    """Whether its type or a misspelt key says already why it has none of the forms."""
    if error.validator != "oneOf":
        return False
    held, known = error.instance, error.schema["properties"]
    return not isinstance(held, dict) or not held.keys() <= known.keys()


def _told(error: Any) -> Iterator[tuple[Path, object, str, str]]:
    """Path, value, message and mend of each mistake inside one error of the validator."""
    path: Path = tuple(error.absolute_path)
    value = error.instance
    rules = error.schema
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


def _flaw(error: Any) -> str:
    if error.validator == "pattern":
        return f"is not {error.schema['title']}."
    if error.validator == "type":
        return f"is not {_kinds(error)}."
    if error.validator == "oneOf":  # each form is known by the key it must have
        forms = {form["required"][0] for form in error.validator_value}
        excluded = len(forms & error.instance.keys()) > 1
        return "has keys that exclude each other." if excluded else "lacks a key."
    return FLAWS[error.validator]


def _mend(error: Any) -> str:
    told = MENDS.get(error.validator)
    return told(error) if told else str(error.schema["x-mend"])


def _kinds(error: Any) -> str:
    kinds = error.validator_value
    return TYPES[kinds] if isinstance(kinds, str) else str(error.schema["title"])


def _word(value: object) -> str:
    return value if isinstance(value, str) else shown(value)


def _fields(forms: Sequence[Any]) -> list[str]:
    """The fields there are, and what those are called that a name completes."""
    first, *others = forms
    return [*first["enum"], *(form["title"] for form in others)]


def _named(value: object, known: Sequence[str]) -> str:
    """The mend of a word that is not known; a field that stands on the wrong side has its own."""
    word = str(value)
    if "total" in known and word in LINE_FIELDS:
        return f"It is a field of lines: write any_line: {{field: {word}, ...}}."
    if "sku" in known and (word in FACT_FIELDS or word in MEMBER_FIELDS):
        owner = "fact" if word in FACT_FIELDS else "member"
        return f"It is a field of the {owner}: test {word} under when, outside any_line."
    return choice(value, known)
