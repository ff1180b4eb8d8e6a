"""Other processes of the instrument: how they are started, spoken to, and told how urgent they are."""
