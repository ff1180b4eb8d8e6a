"""Taking what was made here elsewhere: lands and instruments as TorchScript that nn~ plays in Max and Pure Data."""
