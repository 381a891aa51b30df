"""Quality: what Vigie says, measured on labelled texts."""
