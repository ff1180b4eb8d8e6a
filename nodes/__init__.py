"""The palette: one file or folder per node type, and the cores they share."""
