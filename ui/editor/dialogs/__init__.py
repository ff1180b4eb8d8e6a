"""Dialogs: questions, and the choice of a file."""
