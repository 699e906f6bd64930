"""`pointbook version`."""

from __future__ import annotations

import argparse
from importlib.metadata import version


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(_arguments: argparse.Namespace) -> int:
    """Print the version."""
    print(f"Pointbook {version('pointbook')}")
    return 0
