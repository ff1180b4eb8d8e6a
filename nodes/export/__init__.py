"""Taking what was made here elsewhere: terrains and instruments as TorchScript that nn~ plays in Max and Pure Data."""
