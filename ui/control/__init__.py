"""Playing from outside: commands, snapshots, mappings of controllers to params; the same headless and in the editor."""
