"""The books: liability, estimates, journals, periods, close and exports."""
