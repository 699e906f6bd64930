"""Every write: who may, which key, what changed, what was announced."""
