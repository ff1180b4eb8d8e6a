"""Serving browsers: who may ask, how many at once, and for how long a connection may say nothing."""
