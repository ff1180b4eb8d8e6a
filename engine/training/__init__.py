"""Training: the slow work that nodes declare, done in a process of its own beside the sound, and kept in the patch."""
