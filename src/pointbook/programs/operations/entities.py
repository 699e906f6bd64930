"""Legal persons with books of their own, and whose books a store's facts are in.

Raises EntityRefused, EntityUnknown and ProgramNotFound.
"""

from __future__ import annotations

import re
from typing import Final

from pointbook.controls.actors import Actor
from pointbook.controls.operations import change
from pointbook.engine.values.errors import NotFoundError, PointbookError
from pointbook.programs.models import Entity, Store
from pointbook.programs.operations.holding import change_rules
from pointbook.programs.queries import program as program_of

FIRST: Final = "main"
LONGEST_NAME: Final = 200
LONGEST_STORE: Final = 255
CODE: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,39}")


class EntityRefused(PointbookError):
    """The entity or store cannot be kept like this."""

    status = 422


class EntityUnknown(NotFoundError):
    """No entity has this code."""


def add_entity(*, code: str, name: str, actor: Actor) -> bool:
    """Keep books for another legal person; False when it is there already, under the name given.

    :raises EntityRefused: a code that is none, no name, or a code that has another name.
    """
    if not CODE.fullmatch(code):
        raise EntityRefused(
            f"{code!r} is not a code",
            field="entity",
            value=code,
            mend="Write up to 40 small letters, digits and hyphens.",
        )
    if not name.strip() or len(name) > LONGEST_NAME:
        raise EntityRefused(
            f"{name!r} is not a name",
            field="name",
            value=name,
            mend=f"Write 1 to {LONGEST_NAME} characters.",
        )

    def run() -> bool:
        made, new = Entity.objects.get_or_create(code=code, defaults={"name": name})
        if made.name != name:
            raise EntityRefused(
                f"{code} is {made.name!r}",
                field="name",
                value=name,
                mend="Choose another code; books keep the name that they began with.",
            )
        return new

    return change(
        actor=actor,
        action="entity.set",
        run=run,
        body={"entity": code, "name": name},
        subject=code,
    )


def place_store(*, program: str, store: str, entity_code: str, actor: Actor) -> bool:
    """Let the facts of a store be in an entity's books from now on; False when they are already.

    Facts that were posted stay in the books where they are.

    :raises ProgramNotFound: no such program.
    :raises EntityUnknown: no such entity.
    :raises EntityRefused: a store without a code.
    """
    found, own = program_of(program), entity_row(entity_code)
    if not store.strip() or len(store) > LONGEST_STORE:
        raise EntityRefused(
            f"{store!r} is not a store",
            field="store",
            value=store,
            mend="Write the store as facts name it.",
        )

    def run() -> bool:
        change_rules(found.id)
        known = Store.objects.filter(program=found, code=store).first()
        if known is not None and known.entity_id == own.id:
            return False
        Store.objects.update_or_create(program=found, code=store, defaults={"entity": own})
        return True

    return change(
        actor=actor,
        action="entity.set",
        run=run,
        body={"program": program, "store": store, "entity": entity_code},
        program_id=found.id,
        subject=f"{program} {store}",
    )


def entity_row(code: str) -> Entity:
    """The entity with this code; the first one is made when it is asked for.

    :raises EntityUnknown: naming the codes there are.
    """
    if code == FIRST:
        return Entity.objects.get_or_create(code=FIRST, defaults={"name": "Main"})[0]
    found = Entity.objects.filter(code=code).first()
    if found is None:
        known = ", ".join(Entity.objects.order_by("code").values_list("code", flat=True))
        raise EntityUnknown(
            f"there is no entity {code!r}",
            field="entity",
            value=code,
            mend=f"Use one of: {known or FIRST}; or make it: pointbook entity add {code}.",
        )
    return found
