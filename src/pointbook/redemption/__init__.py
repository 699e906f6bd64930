"""Burn: rewards on shelves, codes, vouchers, and what becomes of what was redeemed."""
