"""A backend whose library is not installed."""

from latent_terrain.engine.missing_package import need


def input_names() -> list[str]:
    return list(need("no_such_library", "MIDI", "midi").names)


output_names = input_names
