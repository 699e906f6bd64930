"""What a program promises: blueprints, conditions, earning, tiers and rewards."""
