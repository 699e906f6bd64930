"""The options that commands about files share. Raises FileError."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from pointbook.interfaces.importers.fields import FIELDS, FileError, Request, pairs

if TYPE_CHECKING:
    import argparse
    from collections.abc import Sequence


def add_file_arguments(parser: argparse.ArgumentParser, *, constants: bool = True) -> None:
    """FILE, --map and, where constants make sense, --set."""
    parser.add_argument("file", type=Path, metavar="FILE", help="NDJSON (also .gz), CSV or Parquet")
    parser.add_argument(
        "--map",
        action="append",
        default=[],
        metavar="field=column",
        help="read a field from the column of another name",
    )
    if constants:
        parser.add_argument(
            "--set",
            action="append",
            default=[],
            metavar="field=value",
            help="give a field the same value in every row",
        )


def request_of(arguments: argparse.Namespace, *, fields: Sequence[str] = FIELDS) -> Request:
    """The file and its options as they were given.

    :raises FileError: an option that is not field=value of a known field.
    """
    return Request(
        path=arguments.file,
        mapping=pairs(arguments.map, option="--map", fields=fields),
        constants=pairs(getattr(arguments, "set", ()), option="--set", fields=fields),
    )


def document(path: Path) -> str:
    """The text of a blueprint or behaviour.

    :raises FileError: when it cannot be read.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except OSError as error:
        raise FileError(f"{path} cannot be read: {error.strerror}.", mend="Name a file.") from None
    except UnicodeDecodeError:
        raise FileError(f"{path} is not UTF-8 text.", mend="Save it as UTF-8.") from None
