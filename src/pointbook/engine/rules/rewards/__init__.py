"""What points buy: what a claim of a reward costs, misses and comes to, and how claims combine."""
