"""A drawing surface: pointer, view, shapes, painter and pens. Knows neither patches nor terrains."""
