"""What is said when a sound cannot be read or kept."""


class SoundError(ValueError):
    """A sound file cannot be read or written; the text names the file, says why, and what to do."""
