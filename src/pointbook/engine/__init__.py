"""The pure core: same input, same output; no Django, database, clock, dice, log or network."""
