"""What a hand does on a canvas, each gesture one step of undo."""
