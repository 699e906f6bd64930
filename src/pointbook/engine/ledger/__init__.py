"""How points move: transfers, lots, draws, debts and expiry."""
