"""The pad: a canvas in a browser, on any device with a screen to touch or a pen that presses."""
