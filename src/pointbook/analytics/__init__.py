"""What happened, and what if: figures by month and by member."""
