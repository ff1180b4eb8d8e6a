"""The people's side: the command line and the tools that make what is shipped."""
