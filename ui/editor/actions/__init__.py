"""What one can do: every action with its name, its keys and its place in the menus."""
