"""Budgets of a program's rules, drawn in blocks so that writers do not wait for each other.

A writer holds a block of its own while it judges; only who needs a new block waits at the budget.
When all is drawn, it waits for what others leave in their blocks. Raises nothing of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db import connection

# A budget is drawn in so many blocks, or more when awards are large.
BLOCKS: Final = 50
LOCK: Final = 2021  # each kind of lock has a number of its own


@dataclass(slots=True)
class _Block:
    id: int
    left: int
    taken: int = 0


@dataclass(slots=True)
class Blocks:
    """The budgets of a program within one transaction; `settle` writes what was taken."""

    program_id: int
    held: dict[tuple[str, str], list[_Block]] = field(default_factory=dict)

    def take(self, rule: str, span: str, most: int, asked: int, /) -> int:
        """Take up to `asked` points of what the budget of `most` still has in a span."""
        blocks = self.held.setdefault((rule, span), [])
        granted = 0
        while granted < asked:
            block = next((one for one in blocks if one.left), None)
            if block is None:
                block = self._more(rule, span, most, asked - granted)
                if block is None:
                    break
                blocks.append(block)
            part = min(asked - granted, block.left)
            block.left -= part
            block.taken += part
            granted += part
        return granted

    def settle(self) -> None:
        """Write what was taken of each block; nothing when no budget was asked."""
        taken = [block for blocks in self.held.values() for block in blocks if block.taken]
        if not taken:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """update earning_budgetblock set used = used + new.taken
                from unnest(%s::bigint[], %s::bigint[]) as new(id, taken)
                where earning_budgetblock.id = new.id""",
                [[block.id for block in taken], [block.taken for block in taken]],
            )

    def _more(self, rule: str, span: str, most: int, asked: int) -> _Block | None:
        """A block that nobody holds, a new one, or what another writer leaves."""
        mine = [block.id for blocks in self.held.values() for block in blocks]
        return (
            self._open(rule, span, mine, wait=False)
            or self._draw(rule, span, most, asked)
            or self._open(rule, span, mine, wait=True)
        )

    def _open(self, rule: str, span: str, mine: list[int], *, wait: bool) -> _Block | None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""select id, size - used from earning_budgetblock
                where program_id = %s and rule = %s and span = %s and used < size
                and id <> all(%s) order by id limit 1
                for update {"" if wait else "skip locked"}""",
                [self.program_id, rule, span, mine],
            )
            row = cursor.fetchone()
            return None if row is None or not row[1] else _Block(*row)

    def _draw(self, rule: str, span: str, most: int, asked: int) -> _Block | None:
        with connection.cursor() as cursor:
            cursor.execute(
                "select pg_advisory_xact_lock(%s, hashtext(%s))",
                [LOCK, f"{self.program_id}|{rule}|{span}"],
            )
            cursor.execute(
                """select coalesce(sum(size), 0) from earning_budgetblock
                where program_id = %s and rule = %s and span = %s""",
                [self.program_id, rule, span],
            )
            size = min(most - int(cursor.fetchone()[0]), max(asked, most // BLOCKS))
            if size <= 0:
                return None
            cursor.execute(
                """insert into earning_budgetblock (program_id, rule, span, size, used)
                values (%s, %s, %s, %s, 0) returning id""",
                [self.program_id, rule, span, size],
            )
            return _Block(int(cursor.fetchone()[0]), size)
