"""What points mean in money: allocation, cohorts, breakage, recognition."""
