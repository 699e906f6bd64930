"""The facts and the points: accounts, transfers, lots, draws, expiry, the one sequence."""
