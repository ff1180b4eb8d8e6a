"""The pad: a map in a browser, on any device with a screen to touch or a pen that presses."""

# In the environment: the token that the pad's address has, where it is to be the same as before.
TOKEN = "LATENT_TERRAIN_PAD_TOKEN"
