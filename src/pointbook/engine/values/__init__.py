"""Money, points, calendar and facts: the values everything else is made of."""
