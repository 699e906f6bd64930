"""Budgets of a program's rules, drawn in blocks so that writers do not wait for each other.

A writer holds a block of its own while it judges; only who needs a new block waits, and only while
it holds none of another budget. When all is drawn and others may leave something in their blocks,
the writer gives up (BudgetContended) and begins again `alone`: it waits for all others, and what
nobody took is there to be seen. So no more than the budget is given, and all of it when it is asked
for. Raises nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from django.db import connection

# A budget is drawn in so many blocks, or fewer when awards are large.
BLOCKS: Final = 50
# Each kind of lock has a number of its own.
DRAWING: Final = 2021
USING: Final = 2022


class BudgetContended(Exception):
    """What is left of a budget is in the hands of other writers: begin again, alone."""


@dataclass(slots=True)
class _Block:
    id: int
    left: int
    taken: int = 0


Key = tuple[str, str]


@dataclass(slots=True)
class Blocks:
    """The budgets of a program within one transaction; `settle` writes what was taken.

    `alone` waits until nobody else uses any, and lets nobody in until the transaction ends.
    """

    program_id: int
    alone: bool = False
    held: dict[Key, list[_Block]] = field(default_factory=dict)
    empty: set[Key] = field(default_factory=set)
    drew: set[Key] = field(default_factory=set)

    def take(self, rule: str, span: str, most: int, asked: int, /) -> int:
        """Take up to `asked` points of what the budget of `most` still has in a span.

        :raises BudgetContended: when others may leave what is missing.
        """
        if not self.held:
            self._enter()
        key = rule, span
        blocks = self.held.setdefault(key, [])
        granted = 0
        while granted < asked and key not in self.empty:
            block = next((one for one in blocks if one.left), None)
            if block is None:
                block = self._open(key) or self._draw(key, most, asked - granted)
                if block is None:
                    self._give_up_if_others_have(key)
                    self.empty.add(key)
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

    def _enter(self) -> None:
        shared = "" if self.alone else "_shared"
        with connection.cursor() as cursor:
            cursor.execute(
                f"select pg_advisory_xact_lock{shared}(%s, %s)", [USING, self.program_id]
            )

    def _mine(self, key: Key) -> list[int]:
        return [block.id for block in self.held.get(key, ())]

    def _open(self, key: Key) -> _Block | None:
        """A block with something in it that nobody holds."""
        with connection.cursor() as cursor:
            cursor.execute(
                """select id, size - used from earning_budgetblock
                where program_id = %s and rule = %s and span = %s and used < size
                and id <> all(%s) order by id limit 1 for update skip locked""",
                [self.program_id, *key, self._mine(key)],
            )
            row = cursor.fetchone()
            return None if row is None else _Block(*row)

    def _draw(self, key: Key, most: int, asked: int) -> _Block | None:
        """A new block; None when all is drawn."""
        self._wait_to_draw(key)
        with connection.cursor() as cursor:
            cursor.execute(
                """select coalesce(sum(size), 0) from earning_budgetblock
                where program_id = %s and rule = %s and span = %s""",
                [self.program_id, *key],
            )
            size = min(most - int(cursor.fetchone()[0]), max(asked, most // BLOCKS))
            if size <= 0:
                return None
            cursor.execute(
                """insert into earning_budgetblock (program_id, rule, span, size, used)
                values (%s, %s, %s, %s, 0) returning id""",
                [self.program_id, *key, size],
            )
            return _Block(int(cursor.fetchone()[0]), size)

    def _wait_to_draw(self, key: Key) -> None:
        """One draws at a time; who drew of another budget may not wait for it.

        :raises BudgetContended: two who drew could wait for each other.
        """
        if key in self.drew:
            return
        waits = self.alone or not self.drew
        name = "pg_advisory_xact_lock" if waits else "pg_try_advisory_xact_lock"
        with connection.cursor() as cursor:
            cursor.execute(
                f"select {name}(%s, hashtext(%s))",
                [DRAWING, "|".join((str(self.program_id), *key))],
            )
            if not waits and not cursor.fetchone()[0]:
                raise BudgetContended
        self.drew.add(key)

    def _give_up_if_others_have(self, key: Key) -> None:
        """All is drawn, but what others hold may be left.

        :raises BudgetContended: when somebody holds a block with something in it.
        """
        if self.alone:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                """select exists (select from earning_budgetblock
                where program_id = %s and rule = %s and span = %s and used < size
                and id <> all(%s))""",
                [self.program_id, *key, self._mine(key)],
            )
            if cursor.fetchone()[0]:
                raise BudgetContended
