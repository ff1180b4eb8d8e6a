"""The service: a patch that plays for weeks without a hand, its state on disk, its health told, its recordings kept."""
