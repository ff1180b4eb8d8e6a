"""Training the built-in kind of codec on anybody's sounds, and measuring codecs; imported where that is asked for."""
