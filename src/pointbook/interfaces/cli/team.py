"""People of the team as commands name them. Raises UserUnknown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pointbook.engine.values.errors import NotFoundError

if TYPE_CHECKING:
    from pointbook.controls.actors import Actor


class UserUnknown(NotFoundError):
    """Nobody of the team has this name."""


def person(name: str, *, field: str) -> Actor:
    """Somebody of the team by their user name; `field` is the option that named them.

    :raises UserUnknown: nobody has the name, or may not sign in any more.
    """
    from django.contrib.auth import get_user_model

    from pointbook.controls.actors import Actor

    user = get_user_model().objects.filter(username=name, is_active=True).first()
    if user is None:
        raise UserUnknown(
            f"there is no user {name!r}", field=field, value=name, mend="Name somebody of the team."
        )
    return Actor("user", user.get_username(), user.role)


def actor(name: str | None) -> Actor:
    """Who acts: somebody of the team where one is named (--as), else the owner who runs this.

    :raises UserUnknown: nobody has the name, or may not sign in any more.
    """
    from pointbook.controls.actors import SYSTEM

    return SYSTEM if name is None else person(name, field="as")
