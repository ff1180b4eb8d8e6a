"""What hands can do on the canvas, one gesture a file."""
