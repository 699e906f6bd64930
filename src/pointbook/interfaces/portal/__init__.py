"""The pages for members."""
