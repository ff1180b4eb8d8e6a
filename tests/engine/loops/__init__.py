"""Code per sample."""
