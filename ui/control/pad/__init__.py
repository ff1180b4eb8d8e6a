"""The pad: a map in a browser, on any device with a screen to touch or a pen that presses."""
