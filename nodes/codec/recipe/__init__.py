"""How the built-in codec was made, so that anybody can make it again: sounds, parts, training, export."""
