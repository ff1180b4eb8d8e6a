"""Finding where on a map a sound is: what frames sound like, the way of least cost through them, and what is kept."""
