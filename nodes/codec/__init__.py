"""Sound models: one interface, TorchScript files, the built-in bank, and encoding."""
