"""What is open and what is selected: the patch, its files, and what the editor asks about them. No window."""
