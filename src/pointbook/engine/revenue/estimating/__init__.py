"""Expected redemption, estimated from what cohorts of points did month by month."""
