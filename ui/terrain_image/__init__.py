"""The terrain under a drawing: what of it is shown, painted by another process."""
