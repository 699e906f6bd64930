"""Settings and addresses: where the rooms and doors are joined."""
