"""Writes of the programs room, one file per verb."""
