"""The database refuses what the room never does: see pointbook.accounting.models."""

from __future__ import annotations

from typing import ClassVar

from django.db import migrations

from pointbook.controls import guards

# An entry balances when its transaction commits, whatever was inserted in which order.
BALANCED = """
create function pointbook_entry_balanced() returns trigger language plpgsql as $$
declare
  entry bigint := case tg_argv[0] when 'entry' then to_jsonb(new) ->> 'id'
                  else to_jsonb(new) ->> 'entry_id' end;
  lines bigint;
  off bigint;
begin
  select count(*), coalesce(sum(debit - credit), 0) into lines, off
  from accounting_journalline where entry_id = entry;
  if off <> 0 or lines < 2 then
    raise exception 'journal entry % has % lines and is off by % minor units', entry, lines, off
      using errcode = 'check_violation';
  end if;
  return null;
end $$;
create constraint trigger accounting_entry_balanced after insert on accounting_journalentry
  deferrable initially deferred for each row execute function pointbook_entry_balanced('entry');
create constraint trigger accounting_line_balanced after insert on accounting_journalline
  deferrable initially deferred for each row execute function pointbook_entry_balanced('line');
"""
NOT_BALANCED = """
drop trigger accounting_entry_balanced on accounting_journalentry;
drop trigger accounting_line_balanced on accounting_journalline;
drop function pointbook_entry_balanced();
"""
# Sealing takes the period's row FOR UPDATE, so a row either waits for it or comes before it.
IN_OPEN_PERIOD = """
create function pointbook_in_open_period() returns trigger language plpgsql as $$
declare
  period accounting_period;
begin
  if tg_table_name = 'accounting_journalline' then
    select p.* into period from accounting_period p
    join accounting_journalentry e on e.period_id = p.id where e.id = new.entry_id
    for share of p;
  else
    select p.* into period from accounting_period p
    where p.entity_id = new.entity_id
      and p.first_on = date_trunc('month', new.posting_on)::date for share;
    if period.id is distinct from new.period_id then
      raise exception 'posting date % is not in the period of the entry', new.posting_on
        using errcode = 'check_violation';
    end if;
  end if;
  if period.status = 'closed' then
    raise exception 'period % is closed: nothing can be posted in it', period.code
      using errcode = 'integrity_constraint_violation', hint = 'Post to the first open period.';
  end if;
  return new;
end $$;
create trigger accounting_entry_in_open_period before insert on accounting_journalentry
  for each row execute function pointbook_in_open_period();
create trigger accounting_line_in_open_period before insert on accounting_journalline
  for each row execute function pointbook_in_open_period();
"""
NOT_IN_OPEN_PERIOD = """
drop trigger accounting_entry_in_open_period on accounting_journalentry;
drop trigger accounting_line_in_open_period on accounting_journalline;
drop function pointbook_in_open_period();
"""
TABLES = (
    "close",
    "watermark",
    "closestage",
    "tieout",
    "cohorttotal",
    "journalentry",
    "journalline",
    "cohortentry",
    "seal",
)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("accounting", "0001_initial"), ("controls", "0002_guards")]
    operations: ClassVar = [
        *guards.all_append_only([f"accounting_{table}" for table in TABLES]),
        guards.moving("accounting_period", column="status"),
        migrations.RunSQL(BALANCED, NOT_BALANCED),
        migrations.RunSQL(IN_OPEN_PERIOD, NOT_IN_OPEN_PERIOD),
    ]
