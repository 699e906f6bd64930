"""What the operator promised, in immutable versions."""
