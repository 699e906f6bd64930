"""Why a fact earned what it earned, and why a rule did not match."""
