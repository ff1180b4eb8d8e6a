"""The patch as one sees and touches it: where things are, what is under the hand, what a gesture does. No window."""
