"""Writes of the ledger: opening accounts, posting judged facts, expiring lots."""
