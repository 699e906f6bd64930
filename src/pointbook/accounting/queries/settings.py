"""How an entity keeps its books: simple or full, by one person or two, what Pointbook books.

Raises EntityNotFound.
"""

from __future__ import annotations

from dataclasses import dataclass

from pointbook.accounting.models import Setting
from pointbook.accounting.queries.books import entity


@dataclass(frozen=True, slots=True)
class BooksSetting:
    """The settings of an entity that are in force; the defaults where nobody ever set them.

    `full` books ask for reasons and estimates; they are kept by two persons unless the entity is
    `owner_run`, which simple books always are. `costs` and `sales` say that Pointbook books the
    cost of own goods and the full sale; `gross_tender` that the shop books what points pay as a
    tender. `currency` is the functional one, '' that of its program. `number` 0: the defaults.
    """

    entity: str
    full: bool = False
    owner_run: bool = True
    costs: bool = False
    sales: bool = False
    gross_tender: bool = False
    currency: str = ""
    number: int = 0

    @property
    def second_person(self) -> bool:
        """Whether nobody may approve or seal what they prepared."""
        return self.full and not self.owner_run


def books_of(entity_code: str) -> BooksSetting:
    """How an entity keeps its books.

    :raises EntityNotFound: no such entity.
    """
    own = entity(entity_code)
    row = Setting.objects.filter(entity=own).order_by("-number").first()
    if row is None:
        return BooksSetting(own.code)
    return BooksSetting(
        entity=own.code,
        full=row.full,
        owner_run=row.owner_run,
        costs=row.costs,
        sales=row.sales,
        gross_tender=row.gross_tender,
        currency=row.currency,
        number=row.number,
    )
