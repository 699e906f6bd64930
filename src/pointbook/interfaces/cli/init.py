"""`pointbook init`: a home, its database and the first operator. Safe to repeat."""

from __future__ import annotations

import argparse
import secrets
from typing import Final

from pointbook.interfaces.cli import home
from pointbook.interfaces.cli.database import database, migrate

OPERATOR: Final = "operator"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The first operator's name."""
    parser.add_argument("--operator", default=OPERATOR, help="name of the first operator")


def run(arguments: argparse.Namespace) -> int:
    """Make what is missing; the operator's password is printed once and kept nowhere."""
    set_up(operator=arguments.operator)
    print("Start it with: pointbook run")
    return 0


def set_up(*, operator: str) -> None:
    """Make what is missing of a home and say so, with the password of a first operator."""
    here = home.current()
    here.create()
    with database():
        migrate()
        password = _first_operator(name=operator)
    print(f"Pointbook is ready in {here.path}.")
    if password:
        print(f"Sign in as {operator} with the password {password} (shown only now).")


def _first_operator(*, name: str) -> str:
    """Make an owner where there is no user yet; the password, or "" where there is one."""
    from django.contrib.auth import get_user_model

    users = get_user_model().objects
    if users.exists():
        return ""
    password = secrets.token_urlsafe(12)
    users.create_user(username=name, password=password, role="owner")
    return password
