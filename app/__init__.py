"""The roof: how Vigie is run."""
