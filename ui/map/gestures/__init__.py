"""What a hand does on a map, each gesture one step of undo."""
