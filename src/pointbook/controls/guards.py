"""Rules kept by the database itself: which tables only grow. Used by the rooms' migrations.

Raises nothing here; the database answers a forbidden change with SQLSTATE 23000
(integrity_constraint_violation), whoever asks, the owner of the tables included.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db.migrations.operations import RunSQL

CREATE_REFUSAL = """
create or replace function pointbook_append_only() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, lower(tg_op)
    using errcode = 'integrity_constraint_violation',
          hint = 'Correct it with a new row that names what it corrects.';
end $$;

create or replace function pointbook_only_column() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - tg_argv[0] is distinct from to_jsonb(old) - tg_argv[0] then
    raise exception 'only %.% may change', tg_table_name, tg_argv[0]
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
"""
# The same for any number of columns: the arguments of the trigger.
CREATE_SEVERAL = """
create or replace function pointbook_only_column() returns trigger language plpgsql as $$
begin
  if to_jsonb(new) - tg_argv is distinct from to_jsonb(old) - tg_argv then
    raise exception 'only %.% may change', tg_table_name, array_to_string(tg_argv, ', ')
      using errcode = 'integrity_constraint_violation';
  end if;
  return new;
end $$;
"""
DROP_REFUSAL = "drop function pointbook_append_only(); drop function pointbook_only_column();"


def refusal() -> RunSQL:
    """The functions behind every guard; run once, by the first room."""
    return RunSQL(CREATE_REFUSAL, DROP_REFUSAL)


def append_only(table: str) -> RunSQL:
    """Refuse update, delete and truncate of a table."""
    return RunSQL(
        f"create trigger {table}_append_only before update or delete on {table}"
        " for each row execute function pointbook_append_only();"
        f"create trigger {table}_no_truncate before truncate on {table}"
        " for each statement execute function pointbook_append_only();",
        f"drop trigger {table}_append_only on {table};drop trigger {table}_no_truncate on {table};",
    )


def moving(table: str, *, column: str) -> RunSQL:
    """Let only one column of a table change; refuse delete and truncate."""
    return RunSQL(
        f"create trigger {table}_only_{column} before update on {table}"
        f" for each row execute function pointbook_only_column('{column}');"
        f"create trigger {table}_no_delete before delete on {table}"
        " for each row execute function pointbook_append_only();"
        f"create trigger {table}_no_truncate before truncate on {table}"
        " for each statement execute function pointbook_append_only();",
        f"drop trigger {table}_only_{column} on {table};"
        f"drop trigger {table}_no_delete on {table}; drop trigger {table}_no_truncate on {table};",
    )


def moving_more(table: str, *, column: str, more: Sequence[str]) -> RunSQL:
    """Let more columns change in a table in which only one could (see `moving`).

    The function that took one column then takes several; tables with one are not touched.
    """
    both = ", ".join(f"'{name}'" for name in (column, *more))
    return RunSQL(
        CREATE_SEVERAL + f"drop trigger {table}_only_{column} on {table};"
        f"create trigger {table}_only_columns before update on {table}"
        f" for each row execute function pointbook_only_column({both});",
        f"drop trigger {table}_only_columns on {table};"
        f"create trigger {table}_only_{column} before update on {table}"
        f" for each row execute function pointbook_only_column('{column}');",
    )


def all_append_only(tables: Sequence[str]) -> list[RunSQL]:
    """Guards for several tables."""
    return [append_only(table) for table in tables]
